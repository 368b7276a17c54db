/**
 * Random recipes of finite-state processes.
 *
 * A recursive process stays finite when its variable stands where the whole of its definition has been left behind: after an event if a choice is still
 * pending there, anywhere along taus if nothing is, and never inside a parallel composition, a hiding or another operator that would pile up.
 */
import { ARITY, MANY, type Op, type Recipe, SKIP, STOP } from './recipe.ts';
import type { Random } from './seeded-random.ts';

/** Whether a variable may stand here: yes; once an event has happened; no. */
type Use = 'here' | 'after event' | 'never';

export interface Shape {
  /** Number of operators, at most. */
  readonly size: number;
  /** Number of events, at most four. */
  readonly events: number;
  /** Operators to draw from. */
  readonly ops: readonly Op[];
}

/** Operators that respect equivalence in all three models: `chase` and `prioritise` do not. */
export const COMPOSITIONAL: readonly Op[] = (Object.keys(ARITY) as Op[]).filter(
  (op) => op !== 'chase' && op !== 'prioritize',
);

export const ALL_OPS: readonly Op[] = Object.keys(ARITY) as Op[];

/** Without recursion, `RUN` and `CHAOS`: every trace is short, and everything about the process can be written down. */
export const FINITE: readonly Op[] = COMPOSITIONAL.filter(
  (op) => op !== 'mu' && op !== 'variable' && op !== 'run' && op !== 'chaos',
);

export function randomRecipe(random: Random, shape: Shape): Recipe {
  const leaves = shape.ops.filter((op) => ARITY[op] === 0 && op !== 'variable');
  const inner = shape.ops.filter((op) => ARITY[op] > 0);
  // Prefixes make behavior, the rest arranges it: without a bias most processes would do next to nothing.
  const weighted: readonly Op[] = [...inner, ...Array<Op>(Math.ceil(inner.length / 2)).fill('prefix')];
  const set = () => random(1 << shape.events);

  const draw = (size: number, uses: readonly Use[]): Recipe => {
    if (size <= 1) return leaf(uses);
    const op = weighted[random(weighted.length)]!;
    const details = { index: random(shape.events), mask: set(), masks: [set(), set(), set()], pairs: pairs() };
    if (ARITY[op] === 1) return trim({ op, args: [draw(size - 1, usesIn(op, 0, uses))], ...details });
    const left = 1 + random(size - 1);
    const args = [draw(left, usesIn(op, 0, uses)), draw(size - left, usesIn(op, 1, uses))];
    const count = MANY.has(op) ? random(8) : 2;
    if (count === 0) args.pop();
    if (count === 1) args.push(draw(2, usesIn(op, 1, uses)));
    return trim({ op, args, ...details });
  };

  const leaf = (uses: readonly Use[]): Recipe => {
    const usable = uses.flatMap((use, i) => (use === 'here' ? [i] : []));
    if (usable.length > 0 && random(3) > 0) {
      return { op: 'variable', args: [], index: uses.length - 1 - usable[random(usable.length)]! };
    }
    const op = leaves[random(leaves.length)]!;
    // DIV drowns everything in FD, so it is drawn rarely.
    if (op === 'div' && random(4) > 0) return random(2) === 0 ? STOP : SKIP;
    return trim({ op, args: [], mask: set() });
  };

  const pairs = (): readonly (readonly [number, number])[] =>
    Array.from({ length: 1 + random(3) }, () => [random(shape.events), random(shape.events)] as const);

  return draw(1 + random(shape.size), []);
}

/** Operators that never start or stop an argument: what is under them only is a network of components. */
const STATIC: readonly Op[] = [
  'interleave',
  'generalizedParallel',
  'alphabetizedParallel',
  'hide',
  'project',
  'rename',
  'generalizedParallel',
  'compress',
  'prioritize',
];

/** Small processes side by side, under static operators only, as most systems are written. */
export function randomNetwork(random: Random, shape: Shape): Recipe {
  const glue = STATIC.filter((op) => shape.ops.includes(op));
  const set = () => random(1 << shape.events);
  const draw = (components: number): Recipe => {
    const op = glue[random(glue.length)]!;
    const details = {
      mask: set(),
      masks: [set(), set(), set()],
      pairs: [[random(shape.events), random(shape.events)]] as const,
    };
    if (ARITY[op] === 1) return trim({ op, args: [components > 1 ? draw(components) : component()], ...details });
    if (components === 1) return component();
    const left = 1 + random(components - 1);
    const args = [draw(left), draw(components - left)];
    const count = MANY.has(op) ? random(8) : 2;
    if (count === 0) args.pop();
    if (count === 1) args.push(component());
    return trim({ op, args, ...details });
  };
  const component = () => randomRecipe(random, { ...shape, size: Math.ceil(shape.size / 2) });
  return draw(2 + random(2));
}

/** Operators that start and stop what they are above, and what may stand between. */
const SWITCHING: readonly Op[] = [
  'sequential',
  'interrupt',
  'exception',
  'externalChoice',
  'internalChoice',
  'slidingChoice',
  'prefix',
  'mu',
  'variable',
  'stop',
  'skip',
];

/** Small networks that take each other's place: under sequence, choice, interrupt, exception, in loops. */
export function randomSwitching(random: Random, shape: Shape): Recipe {
  const ops = SWITCHING.filter((op) => shape.ops.includes(op));
  const small = { ...shape, size: Math.max(2, Math.ceil(shape.size / 2)) };
  const planted = (recipe: Recipe): Recipe => {
    if ((recipe.op === 'stop' || recipe.op === 'skip') && random(4) > 0) return randomNetwork(random, small);
    return { ...recipe, args: recipe.args.map(planted) };
  };
  return planted(randomRecipe(random, { ...shape, ops }));
}

function usesIn(op: Op, arg: number, uses: readonly Use[]): readonly Use[] {
  switch (op) {
    case 'mu':
      return [...uses, 'here'];
    case 'prefix':
      return uses.map(afterEvent);
    case 'internalChoice':
      return uses;
    case 'externalChoice':
      return uses.map(pending);
    case 'slidingChoice':
      return arg === 0 ? uses.map(pending) : uses;
    case 'interrupt':
      return arg === 0 ? uses.map(never) : uses.map(pending);
    case 'exception':
      return uses.map(arg === 0 ? never : afterEvent);
    case 'sequential':
      return arg === 0 ? uses.map(never) : uses;
    default:
      return uses.map(never);
  }
}

const afterEvent = (use: Use): Use => (use === 'never' ? 'never' : 'here');
const pending = (use: Use): Use => (use === 'never' ? 'never' : 'after event');
const never = (): Use => 'never';

const WITH_INDEX = new Set<Op>(['prefix', 'variable']);
const WITH_MASK = new Set<Op>([
  'chaos',
  'run',
  'hide',
  'project',
  'exception',
  'generalizedParallel',
  'synchronizingChoice',
  'synchronizingInterrupt',
]);
const WITH_MASKS = new Set<Op>(['prioritize', 'alphabetizedParallel']);

/** Leaves out what the operator does not have. */
function trim(recipe: Recipe): Recipe {
  const { op, args } = recipe;
  return {
    op,
    args,
    ...(WITH_INDEX.has(op) && { index: recipe.index! }),
    ...(WITH_MASK.has(op) && { mask: recipe.mask! }),
    ...(WITH_MASKS.has(op) && { masks: recipe.masks!.slice(0, op === 'prioritize' ? 2 : args.length) }),
    ...(op === 'rename' && { pairs: recipe.pairs! }),
  };
}
