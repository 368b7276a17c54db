/** Declarations name the packages of the workspace, which nobody else has: each name becomes the path to its declarations. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const SPECIFIER = /(?<before>from '|import\(')(?<specifier>@enhanced-csp\/[\w/-]+|\.[^']+\.ts)'/g;

/** Every name under which a package of the workspace can be imported, and the file that means. */
export function doorsOf(root: string): ReadonlyMap<string, string> {
  return new Map(
    globSync('{engine,platform,modules/*,apps/*,packages/*}/package.json', { cwd: root }).flatMap((path) => {
      const { name, exports } = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
        name: string;
        exports: Readonly<Record<string, string>>;
      };
      return Object.entries(exports).map(([door, file]) => [join(name, door), join(dirname(path), file)] as const);
    }),
  );
}

/** Rewrites every declaration below `types`, whose tree is that of the workspace. */
export function ownSpecifiers(types: string, doors: ReadonlyMap<string, string>): void {
  for (const path of globSync('**/*.d.ts', { cwd: types })) {
    const text = readFileSync(join(types, path), 'utf8').replace(
      SPECIFIER,
      (whole, before: string, specifier: string) => {
        if (specifier.startsWith('.')) return `${before}${specifier.replace(/\.ts$/, '.js')}'`;
        const door = doors.get(specifier);
        if (door === undefined)
          throw new Error(`${path} names ${specifier}, which no package of the workspace exports`);
        const to = relative(dirname(path), door).replace(/\.ts$/, '.js');
        return whole.replace(specifier, to.startsWith('.') ? to : `./${to}`);
      },
    );
    writeFileSync(join(types, path), text);
  }
}
