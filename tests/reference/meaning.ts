/** One recipe, two meanings: by the firing rules and the subset construction, and by the equations of the books. */
import { Alphabet, type EventId, type EventSet, type Process, Terms, TICK } from '@enhanced-csp/engine/csp';
import { type Behavior, behaviorOf } from './behavior.ts';
import { type Denotation, Equations } from './denotation.ts';
import { explore } from './graph.ts';
import { build, EVENT_NAMES, type Recipe } from './recipe.ts';

/** Trace, refused sets as bits (✓ is bit 0), and `!` where the process may diverge: one line a trace. */
type Meaning = ReadonlyMap<string, string>;

/** `P ; Q` hides P's tick, so that its traces of length n need P's of length n + 1: room for two of them. */
export const SLACK = 2;

function byRules(terms: Terms, sigma: EventSet, process: Process, length: number): Meaning {
  const meaning = new Map<string, string>();
  const visit = (node: Behavior, trace: readonly EventId[]) => {
    const refused = new Set<number>();
    for (const accepted of node.acceptances) {
      for (let X = 0; X < 2 ** (sigma.length + 1); X++) {
        if ([TICK, ...sigma].every((event) => !(X & (1 << (event - TICK))) || !accepted.has(event))) refused.add(X);
      }
    }
    meaning.set(trace.join(' '), line(refused, node.divergent));
    if (trace.length < length) for (const event of node.initials) visit(node.after(event), [...trace, event]);
  };
  visit(behaviorOf(explore(terms, process)), []);
  return meaning;
}

function byEquations(denotation: Denotation, length: number): Meaning {
  const short = [...denotation].filter(([, { trace }]) => trace.length <= length);
  return new Map(short.map(([trace, { refusals, diverges }]) => [trace, line(refusals, diverges)]));
}

function line(refused: ReadonlySet<number>, diverges: boolean): string {
  return `${[...refused].sort((a, b) => a - b)}${diverges ? ' !' : ''}`;
}

/** Everything the recipe can do in traces of at most `length` events: equal objects, unless rules or equations are wrong. */
export function meanings(recipe: Recipe, length: number): [rules: object, equations: object] {
  const terms = new Terms(new Alphabet());
  const sigma = EVENT_NAMES.slice(0, 3).map((name) => terms.alphabet.intern(name));
  const process = build(terms, recipe);
  const sorted = (meaning: Meaning) =>
    Object.fromEntries([...meaning].sort(([one], [other]) => (one < other ? -1 : 1)));
  return [
    sorted(byRules(terms, sigma, process, length)),
    sorted(byEquations(new Equations(sigma).of(process, length + SLACK), length)),
  ];
}
