/** Reads the imports of a TypeScript file, and judges them by the table in `layers.ts`. */
import { dirname, posix } from 'node:path';
import { FORBIDDEN_IN_ENGINE, layerOf, layerOfPackage, MAY_IMPORT, MAY_USE, matches, rowOf } from './layers.ts';

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import type`: no edge at run time. */
  readonly typeOnly: boolean;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

const IMPORT =
  /^\s*(?:import|export)\s+(?:(type)\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

export function importsOf(file: SourceFile): Import[] {
  const text = withoutComments(file.text);
  return [...text.matchAll(IMPORT)].map((match) => ({
    specifier: match[2] ?? match[3]!,
    line: lineAt(text, match.index + match[0].length),
    typeOnly: match[1] === 'type',
  }));
}

/** Tests and what only tests import: generators of random values are called `arbitrary-…`. */
const isTest = (path: string): boolean => /\.(?:test|bench|fuzz)\.ts$|\/arbitrary-[\w-]+\.ts$/.test(path);

/** Everything in these files that breaks the one rule, with what to do about it. */
export function violations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => [...importViolations(file), ...engineViolations(file)]);
}

function importViolations(file: SourceFile): Violation[] {
  const layer = layerOf(file.path);
  if (layer === undefined || isTest(file.path)) return [];
  const found: Violation[] = [];
  const refuse = (line: number, message: string) => found.push({ path: file.path, line, message });
  for (const { specifier, line } of importsOf(file)) {
    const target = specifier.startsWith('.')
      ? layerOf(posix.join(dirname(file.path), specifier))
      : layerOfPackage(specifier);
    if (target === undefined) {
      if (!specifier.startsWith('.') && !matches(rowOf(MAY_USE, layer) ?? [], specifier))
        refuse(line, `${layer} may not use '${specifier}': ask for a capability, or add it to MAY_USE with a reason`);
      continue;
    }
    if (target === layer) continue;
    if (!matches(rowOf(MAY_IMPORT, layer) ?? [], target)) {
      refuse(line, `${layer} may not import ${target} ('${specifier}'): imports go up the list in scripts/layers.ts`);
    } else if (
      specifier.startsWith('.') &&
      !specifier.endsWith('/index.ts') &&
      !isRootOfEngine(specifier) &&
      target !== 'models'
    ) {
      if (!matches(['tests', 'bench', 'scripts'], layer))
        refuse(line, `'${specifier}' enters ${target} through the wall: import its index.ts`);
    }
  }
  return found;
}

/** Files directly in engine/src are the engine's own; they have no inner door. */
const isRootOfEngine = (specifier: string): boolean => /^(?:\.\.\/)+[\w-]+\.ts$/.test(specifier);

function engineViolations(file: SourceFile): Violation[] {
  if (!file.path.startsWith('engine/src/') || isTest(file.path)) return [];
  const text = withoutComments(file.text);
  return FORBIDDEN_IN_ENGINE.flatMap(([pattern, instead]) => {
    const match = pattern.exec(text);
    if (!match) return [];
    return [
      { path: file.path, line: lineAt(text, match.index), message: `the engine may not use '${match[0]}': ${instead}` },
    ];
  });
}

/** The packages, ours and the registry's, that these files import. */
export function packagesUsed(files: readonly SourceFile[]): Set<string> {
  const names = files
    .filter((file) => !isTest(file.path))
    .flatMap(importsOf)
    .flatMap(({ specifier }) => /^(?:@[\w-]+\/)?[\w-]+/.exec(/^(?:node:|\.)/.test(specifier) ? '' : specifier) ?? []);
  return new Set(names);
}

/** Groups of files that import each other at run time, each sorted; empty when there is no cycle. */
export function cycles(files: readonly SourceFile[]): string[][] {
  const known = new Set(files.map((file) => file.path));
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter((i) => !i.typeOnly && i.specifier.startsWith('.'))
        .map((i) => posix.join(dirname(file.path), i.specifier))
        .filter((path) => known.has(path)),
    ]),
  );
  return components(edges).filter((group) => group.length > 1 || edges.get(group[0]!)!.includes(group[0]!));
}

/** Strongly connected components (Tarjan). */
function components(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.get(node)!);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== order.get(node)) return;
    found.push(stack.splice(stack.indexOf(node)).sort());
  };
  for (const node of edges.keys()) if (!order.has(node)) visit(node);
  return found;
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;

/** Comments become blanks, so that words in them do not count and lines keep their numbers. */
function withoutComments(text: string): string {
  const blank = (comment: string): string => comment.replace(/[^\n]/g, ' ');
  return text
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/(^|[^:'"`\\])\/\/[^\n]*/g, (all, before) => before + blank(all.slice(before.length)));
}
