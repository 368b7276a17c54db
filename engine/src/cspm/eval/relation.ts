/** Relations as sets of pairs. */
import type { Value } from './value.ts';

/**
 * `mtransclose(R, A)`: the classes of the least equivalence that R generates, seen within A. Each class is given by its representative, the first of its members
 * in the order of A: the pairs (representative, other member). FDR manual, "Compression, symmetry".
 */
export function classes(
  pairs: readonly (readonly [Value, Value])[],
  within: readonly Value[],
): (readonly [representative: Value, member: Value])[] {
  const parents = new Map<Value, Value>();
  const rootOf = (value: Value): Value => {
    let root = value;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    // Compression of the path, so that a long chain of pairs costs no more than a short one.
    for (let at = value; at !== root; ) {
      const next = parents.get(at)!;
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  for (const [a, b] of pairs) {
    const [first, second] = [rootOf(a), rootOf(b)];
    if (first !== second) parents.set(second, first);
  }
  const representatives = new Map<Value, Value>();
  const found: (readonly [Value, Value])[] = [];
  for (const member of within) {
    const root = rootOf(member);
    const representative = representatives.get(root);
    if (representative === undefined) representatives.set(root, member);
    else found.push([representative, member]);
  }
  return found;
}
