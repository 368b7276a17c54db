/**
 * How much a term looks like a state that was told in words.
 *
 * A network tells its states component by component, in an order of its own, and calls a component by one of several names that mean the same. So the term
 * whose components have most of these names is most likely the one that was meant.
 */
import { type Process, show, type Terms } from '../csp/index.ts';
import { representativeOf } from '../lts/index.ts';

/** What stands between the components of a network where its state is told in words. */
const BESIDE = ' ∥ ';

/** Operators looked through. */
const NESTING_MAX = 400;

export class Likeness {
  readonly #terms: Terms;
  readonly #names = new Map<Process, string>();

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  /** A measure of how much a term looks like `told`: more is better, and it is 0 for a term that has nothing of it. */
  to(told: string): (process: Process) => number {
    const names = new Map<string, number>();
    for (const name of told.split(BESIDE)) names.set(name, (names.get(name) ?? 0) + 1);
    return (process) => {
      const left = new Map(names);
      let likeness = 0;
      for (const part of partsOf(process)) {
        const name = this.#nameOf(part);
        const count = left.get(name) ?? 0;
        if (count === 0) continue;
        left.set(name, count - 1);
        likeness++;
      }
      return likeness;
    };
  }

  #nameOf(part: Process): string {
    let name = this.#names.get(part);
    if (name === undefined) this.#names.set(part, (name = show(this.#terms, representativeOf(this.#terms, part))));
    return name;
  }
}

/** Whatever a network may have made a component of. */
function partsOf(process: Process): readonly Process[] {
  const parts: Process[] = [];
  const open = [{ part: process, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const inner = operandsOf(next.part);
    if (inner === undefined || next.depth === NESTING_MAX) parts.push(next.part);
    else {
      if (next.part.kind === 'sequential' || next.part.kind === 'exception' || next.part.kind === 'interrupt')
        parts.push(next.part);
      for (const part of inner) open.push({ part, depth: next.depth + 1 });
    }
  }
  return parts;
}

function operandsOf(process: Process): readonly Process[] | undefined {
  switch (process.kind) {
    case 'interleave':
    case 'generalizedParallel':
      return process.components;
    case 'alphabetizedParallel':
      return process.components.map((component) => component.process);
    case 'hide':
    case 'project':
    case 'rename':
    case 'compress':
    case 'prioritize':
      return [process.process];
    case 'sequential':
    case 'exception':
      return [process.left];
    case 'interrupt':
      return [process.left, process.right];
    default:
      return undefined;
  }
}
