/** The modules of others that the configuration names: packages, or files and folders. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Configuration, Fault, type Module } from '@enhanced-csp/platform';

export interface LoadedModules {
  readonly modules: readonly Module[];
  /** For each by its name. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * Loads each entry of `modules`, in that order. Paths are relative to `folder`; packages are those that `folder` can see.
 *
 * @throws Fault `CSP-PLT-010`, which names the entry and what is wrong with it.
 */
export async function loadModules(entries: Configuration['modules'], folder: string): Promise<LoadedModules> {
  const modules: Module[] = [];
  const config: Record<string, unknown> = {};
  for (const entry of entries) {
    const { from, config: own = {} } = typeof entry === 'string' ? { from: entry } : entry;
    const module = moduleIn(await imported(from, folder), from);
    modules.push(namedWhenItFails(module, from));
    config[module.name] = own;
  }
  return { modules, config };
}

async function imported(from: string, folder: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(fileOf(from, folder)).href)) as Record<string, unknown>;
  } catch (cause) {
    throw refused(from, (cause as Error).message, cause);
  }
}

function fileOf(from: string, folder: string): string {
  if (!/^\.{0,2}[\\/]|^[a-z]:/i.test(from)) return createRequire(join(folder, 'package.json')).resolve(from);
  const path = resolve(folder, from);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  const manifest = join(path, 'package.json');
  const { exports, main } = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: unknown; main?: string })
    : {};
  const declared = typeof exports === 'string' ? exports : (exports as { '.'?: unknown } | undefined)?.['.'];
  const candidates = [declared, main, 'index.ts', 'index.js'].filter((name) => typeof name === 'string');
  const found = candidates.map((name) => join(path, name)).find((file) => existsSync(file));
  if (found === undefined) throw new Error(`the folder has none of ${candidates.join(', ')}`);
  return found;
}

function moduleIn(exported: Readonly<Record<string, unknown>>, from: string): Module {
  const found = Object.values(exported).filter(isModule);
  const [module] = found;
  if (module !== undefined && found.length === 1) return module;
  const names = Object.keys(exported).join(', ') || 'nothing';
  throw refused(from, `it exports ${found.length} modules (${names}); expected one, made by defineModule`);
}

function isModule(value: unknown): value is Module {
  if (typeof value !== 'object' || value === null) return false;
  const { name, needs, config, start } = value as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && Array.isArray(needs) && typeof config === 'object' && typeof start === 'function';
}

/** What a module throws while it starts says which one it was; its own code, if it has one, stays. */
function namedWhenItFails(module: Module, from: string): Module {
  return {
    ...module,
    async start(capabilities, config) {
      try {
        return await module.start(capabilities, config);
      } catch (cause) {
        const code = cause instanceof Fault ? ` ${cause.code}` : '';
        const message = `Module ${module.name} (${from}) did not start:${code} ${(cause as Error).message}`;
        throw new Fault('CSP-PLT-011', 'internal', message, { details: { module: module.name, from }, cause });
      }
    },
  };
}

function refused(from: string, reason: string, cause?: unknown): Fault {
  return new Fault('CSP-PLT-010', 'invalid', `modules: ${from} cannot be loaded: ${reason}`, {
    details: { from },
    cause,
  });
}
