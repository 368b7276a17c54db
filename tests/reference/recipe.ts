/**
 * Recipes: processes as plain trees, which can be printed, made smaller and built in any store of terms.
 *
 * Recursion is `mu`, its variables count binders outwards. A variable without binder is `STOP`, so that every part of a recipe is a recipe.
 */
import { type EventId, type EventSet, eventSet, type Process, type Terms } from '@enhanced-csp/engine/csp';

/** Events are numbers from 0; sets of them are bit masks. */
export interface Recipe {
  readonly op: Op;
  readonly args: readonly Recipe[];
  /** The event of a prefix; the number of a variable. */
  readonly index?: number;
  readonly mask?: number;
  /** The alphabets of the components, or the levels of a priority. */
  readonly masks?: readonly number[];
  readonly pairs?: readonly (readonly [number, number])[];
}

export const ARITY = {
  stop: 0,
  skip: 0,
  div: 0,
  chaos: 0,
  run: 0,
  variable: 0,
  mu: 1,
  prefix: 1,
  hide: 1,
  project: 1,
  rename: 1,
  chase: 1,
  prioritize: 1,
  compress: 1,
  externalChoice: 2,
  internalChoice: 2,
  slidingChoice: 2,
  interrupt: 2,
  exception: 2,
  sequential: 2,
  interleave: 2,
  generalizedParallel: 2,
  alphabetizedParallel: 2,
  synchronizingChoice: 2,
  synchronizingInterrupt: 2,
} as const;

/** Operators that take any number of arguments from one up; their arity is what is usual. */
export const MANY: ReadonlySet<Op> = new Set<Op>([
  'externalChoice',
  'internalChoice',
  'interleave',
  'generalizedParallel',
  'alphabetizedParallel',
  'synchronizingChoice',
]);

export type Op = keyof typeof ARITY;

export const EVENT_NAMES = ['a', 'b', 'c', 'd'];

export const STOP: Recipe = { op: 'stop', args: [] };
export const SKIP: Recipe = { op: 'skip', args: [] };

/** The set of events a mask stands for. */
export function eventsOf(terms: Terms, mask: number): EventSet {
  return eventSet(EVENT_NAMES.flatMap((name, i) => (mask & (1 << i) ? [terms.alphabet.intern(name)] : [])));
}

/** The process a recipe describes. */
export function build(terms: Terms, recipe: Recipe, bound: readonly Process[] = []): Process {
  const arg = (i: number) => build(terms, recipe.args[i]!, bound);
  const args = () => recipe.args.map((_, i) => arg(i));
  const event = (index: number): EventId => terms.alphabet.intern(EVENT_NAMES[index]!);
  const events = eventsOf(terms, recipe.mask ?? 0);
  const sets = (recipe.masks ?? []).map((mask) => eventsOf(terms, mask));
  switch (recipe.op) {
    case 'stop':
      return terms.stop;
    case 'skip':
      return terms.skip;
    case 'div':
      return terms.div;
    case 'chaos':
      return terms.chaos(events);
    case 'run':
      return terms.run(events);
    case 'variable':
      return bound.at(-1 - recipe.index!) ?? terms.stop;
    case 'mu': {
      const key = `${JSON.stringify(recipe)} ${bound.map(({ id }) => id)}`;
      const self: Process = terms.call(key, () => build(terms, recipe.args[0]!, [...bound, self]));
      return self;
    }
    case 'prefix':
      return terms.prefix(event(recipe.index!), arg(0));
    case 'hide':
      return terms.hide(arg(0), events);
    case 'project':
      return terms.project(arg(0), events);
    case 'rename':
      return terms.rename(
        arg(0),
        recipe.pairs!.map(([from, to]) => [event(from), event(to)] as const),
      );
    case 'chase':
      return terms.chase(arg(0));
    case 'prioritize':
      return terms.prioritize(arg(0), sets);
    case 'compress':
      return terms.compress(arg(0), 'sbisim');
    case 'externalChoice':
      return terms.externalChoice(args());
    case 'internalChoice':
      return terms.internalChoice(args());
    case 'slidingChoice':
      return terms.slidingChoice(arg(0), arg(1));
    case 'interrupt':
      return terms.interrupt(arg(0), arg(1));
    case 'exception':
      return terms.exception(arg(0), events, arg(1));
    case 'sequential':
      return terms.sequential(arg(0), arg(1));
    case 'interleave':
      return terms.interleave(args());
    case 'generalizedParallel':
      return terms.generalizedParallel(args(), events);
    case 'alphabetizedParallel':
      return terms.alphabetizedParallel(args().map((process, i) => ({ process, alphabet: sets[i]! })));
    case 'synchronizingChoice':
      return terms.synchronizingChoice(args(), events);
    case 'synchronizingInterrupt':
      return terms.synchronizingInterrupt(arg(0), events, arg(1));
    default:
      return recipe.op satisfies never;
  }
}

/** A recipe in CSPM, with `X0`, `X1` for the variables and `let .. within` for the recursion. */
export function showRecipe(recipe: Recipe, depth = 0): string {
  const arg = (i: number) => showRecipe(recipe.args[i]!, depth);
  const names = (mask: number) => `{${EVENT_NAMES.filter((_, i) => mask & (1 << i)).join(', ')}}`;
  const events = names(recipe.mask ?? 0);
  const sets = (recipe.masks ?? []).map(names);
  const infix = (symbol: string) => `(${recipe.args.map((_, i) => arg(i)).join(` ${symbol} `)})`;
  switch (recipe.op) {
    case 'stop':
    case 'skip':
    case 'div':
      return recipe.op.toUpperCase();
    case 'chaos':
    case 'run':
      return `${recipe.op.toUpperCase()}(${events})`;
    case 'variable':
      return recipe.index! < depth ? `X${depth - 1 - recipe.index!}` : 'STOP';
    case 'mu':
      return `(let X${depth} = ${showRecipe(recipe.args[0]!, depth + 1)} within X${depth})`;
    case 'prefix':
      return `(${EVENT_NAMES[recipe.index!]} -> ${arg(0)})`;
    case 'hide':
      return `(${arg(0)} \\ ${events})`;
    case 'project':
      return `(${arg(0)} |\\ ${events})`;
    case 'rename':
      return `${arg(0)}[[${recipe.pairs!.map(([from, to]) => `${EVENT_NAMES[from]} <- ${EVENT_NAMES[to]}`).join(', ')}]]`;
    case 'chase':
      return `chase(${arg(0)})`;
    case 'prioritize':
      return `prioritise(${arg(0)}, <${sets.join(', ')}>)`;
    case 'compress':
      return `sbisim(${arg(0)})`;
    case 'externalChoice':
      return infix('[]');
    case 'internalChoice':
      return infix('|~|');
    case 'slidingChoice':
      return `(${arg(0)} [> ${arg(1)})`;
    case 'interrupt':
      return `(${arg(0)} /\\ ${arg(1)})`;
    case 'exception':
      return `(${arg(0)} [|${events}|> ${arg(1)})`;
    case 'sequential':
      return `(${arg(0)} ; ${arg(1)})`;
    case 'interleave':
      return infix('|||');
    case 'generalizedParallel':
      return infix(`[|${events}|]`);
    case 'alphabetizedParallel':
      return `(|| ${recipe.args.map((_, i) => `[${sets[i]}] ${arg(i)}`).join(', ')})`;
    case 'synchronizingChoice':
      return infix(`[+${events}+]`);
    case 'synchronizingInterrupt':
      return `(${arg(0)} /+${events}+\\ ${arg(1)})`;
    default:
      return recipe.op satisfies never;
  }
}
