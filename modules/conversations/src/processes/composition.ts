/**
 * What a composite process is made of: other processes, copied as they are when it is made, joined by an operator of CSP. A part that is changed or
 * deleted later changes no composite.
 */
import { fault } from '../fault.ts';

export const OPERATORS = [
  'sequential',
  'parallel',
  'choice',
  'interleaving',
  'interrupt',
  'hiding',
  'renaming',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** How many parts an operator takes. */
export const PART_COUNT: Readonly<Record<Operator, readonly [least: number, most: number]>> = {
  sequential: [2, 16],
  parallel: [2, 16],
  choice: [2, 16],
  interleaving: [2, 16],
  interrupt: [2, 2],
  hiding: [1, 1],
  renaming: [1, 1],
};

/** A composition as it is asked for: its parts are identifiers of processes. */
export interface CompositeDefinition {
  readonly operator: Operator;
  readonly processes: readonly string[];
  /** Of `parallel`: on which channels parts that share them must agree. Without it on all they share. */
  readonly synchronize?: readonly string[] | undefined;
  /** Of `hiding` and `parallel`: channels that nobody outside sees. */
  readonly hide?: readonly string[] | undefined;
  /** Of `renaming`. */
  readonly rename?: Readonly<Record<string, string>> | undefined;
}

/** An atomic process in a composition. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** In CSPM. */
  readonly behavior: string;
}

export type Part =
  | Leaf
  | (Omit<CompositeDefinition, 'processes'> & { readonly kind: 'composite'; readonly parts: readonly Part[] });

const DEPTH_MAX = 8;
const LEAF_COUNT_MAX = 32;
const LENGTH_MAX = 64 * 1024;

/**
 * The tree of a definition, with the parts as `find` has them now.
 *
 * @throws Fault `CSP-CNV-017` when there would be more than 32 atomic parts, 8 levels or 64 KiB of behaviors; and what `find` throws.
 */
export async function treeOf(definition: CompositeDefinition, find: (id: string) => Promise<Part>): Promise<Part> {
  const { processes, ...rest } = definition;
  const parts: Part[] = [];
  for (const id of processes) parts.push(await find(id));
  const tree: Part = { kind: 'composite', ...rest, parts };
  const leaves = leavesOf(tree);
  const length = leaves.reduce((sum, { behavior }) => sum + behavior.length, 0);
  const depth = depthOf(tree);
  if (leaves.length > LEAF_COUNT_MAX || depth > DEPTH_MAX || length > LENGTH_MAX)
    throw fault(
      'CSP-CNV-017',
      `a composition has at most ${LEAF_COUNT_MAX} atomic parts, ${DEPTH_MAX} levels and ${LENGTH_MAX} characters of behavior; this one has ${leaves.length}, ${depth} and ${length}`,
    );
  return tree;
}

/** Atomic parts, from left to right. */
export function leavesOf(part: Part): readonly Leaf[] {
  return part.kind === 'leaf' ? [part] : part.parts.flatMap(leavesOf);
}

/** Whether parts run beside each other somewhere in it. */
export function isConcurrent(part: Part): boolean {
  if (part.kind === 'leaf') return false;
  return part.operator === 'parallel' || part.operator === 'interleaving' || part.parts.some(isConcurrent);
}

function depthOf(part: Part): number {
  return part.kind === 'leaf' ? 0 : 1 + Math.max(...part.parts.map(depthOf));
}
