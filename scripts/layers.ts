/**
 * Who may import whom: imports go up this list, never down, never sideways between modules. `tests/architecture.test.ts` reads the table and
 * every import of the tree.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'engine/csp': [],
  'engine/cspm': ['engine/csp'],
  'engine/lts': ['engine/csp'],
  'engine/refine': ['engine/csp', 'engine/lts'],
  'engine/runtime': ['engine/csp', 'engine/lts'],
  'engine/audit': ['engine/csp', 'engine/lts'],
  engine: ['engine/csp', 'engine/cspm', 'engine/lts', 'engine/refine', 'engine/runtime', 'engine/audit'],
  platform: ['engine', 'engine/*'],
  'modules/*': ['engine', 'engine/*', 'platform'],
  'apps/server': ['engine', 'engine/*', 'platform', 'modules/*'],
  'apps/cli': ['engine', 'engine/*', 'platform', 'modules/*', 'apps/server', 'models', 'packages/*'],
  models: ['engine', 'engine/*'],
  'packages/*': [],
  // What others begin with sees what others see.
  templates: ['apps/cli', 'apps/cli/*'],
  // What stands beside the product may use all of it.
  tests: ['*'],
  bench: ['*'],
  scripts: ['*'],
};

/** Packages from the registry and `node:` modules that a layer may import. Whoever is not listed: none. */
export const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  platform: ['zod', 'yaml'],
  'modules/storage': ['node:*', 'mysql2', 'mysql2/promise', 'pg', 'zod'],
  'modules/cache': ['node:*', 'ioredis', 'lru-cache', 'zod'],
  'modules/telemetry': ['node:*', 'zod'],
  // `graphql/index.js`, not `graphql`: the bare name loads a second copy beside that of graphql-http.
  'modules/gateway': [
    'node:*',
    'fastify',
    'graphql/index.js',
    'graphql-http',
    'graphql-ws',
    'graphql-ws/use/ws',
    'ws',
    'zod',
  ],
  'modules/conversations': ['node:*', 'zod'],
  'apps/server': ['node:*', 'pino', 'zod'],
  'apps/cli': ['node:*', '@stricli/core', 'zod'],
  models: [],
  templates: ['node:*'],
  tests: ['*'],
  bench: ['*'],
  scripts: ['*'],
};

/** The engine is pure: what it may not even name. A clock, chance, and the outside are passed in. */
export const FORBIDDEN_IN_ENGINE: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\bDate\.now\b|\bnew Date\b/, 'take the time from a clock that is passed in'],
  [
    /\bMath\.random\b|\bcrypto\.(?:getRandomValues|randomUUID)\b/,
    'take chance from a seed or a capability that is passed in',
  ],
  [/\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\s*\(/, 'take the timer from a clock that is passed in'],
  [/\bperformance\.now\b/, 'measure outside the engine'],
  [/\bprocess\.(?:env|cwd|exit|nextTick|hrtime|memoryUsage|cpuUsage|stdout|stderr|argv)\b/, 'the engine knows no host'],
  [/\bfetch\s*\(/, 'the engine does no input or output'],
  [/\bconsole\./, 'return a value; who calls decides what is shown'],
];

const PACKAGES: Readonly<Record<string, string>> = {
  '@enhanced-csp/engine': 'engine',
  '@enhanced-csp/platform': 'platform',
  '@enhanced-csp/server': 'apps/server',
  'enhanced-csp': 'apps/cli',
  '@enhanced-csp/client': 'packages/client',
};

/** The layer a file of the repository belongs to: `engine/lts`, `modules/storage`, `tests`. */
export function layerOf(path: string): string | undefined {
  const parts = path.split('/');
  if (parts[0] === 'engine') return parts[1] === 'src' && parts.length > 3 ? `engine/${parts[2]}` : 'engine';
  if (parts[0] === 'modules' || parts[0] === 'apps' || parts[0] === 'packages') return `${parts[0]}/${parts[1]}`;
  return parts.length > 1 ? parts[0] : undefined;
}

/** The layer a package import leads to, if it is one of ours. */
export function layerOfPackage(specifier: string): string | undefined {
  for (const [name, layer] of Object.entries(PACKAGES)) {
    if (specifier === name) return layer;
    if (specifier.startsWith(`${name}/`)) return `${layer}/${specifier.slice(name.length + 1)}`;
  }
  const scoped = /^@enhanced-csp\/([\w-]+)$/.exec(specifier);
  return scoped ? `modules/${scoped[1]}` : undefined;
}

/** Whether `layer` matches one of the patterns of the table. */
export function matches(patterns: readonly string[], layer: string): boolean {
  return patterns.some((p) => p === '*' || p === layer || (p.endsWith('*') && layer.startsWith(p.slice(0, -1))));
}

/** The row of `table` for a layer: its own, or that of its family (`modules/*`). */
export function rowOf<Row>(table: Readonly<Record<string, Row>>, layer: string): Row | undefined {
  return table[layer] ?? table[layer.replace(/\/.*/, '/*')];
}
