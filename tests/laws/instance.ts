/** What the letters of a law stand for, drawn at random and built in a fresh store. */
import { Alphabet, type Instance, Terms } from '@enhanced-csp/engine/csp';
import fc from 'fast-check';
import { recipes } from '../reference/arbitrary.ts';
import { COMPOSITIONAL } from '../reference/random-recipe.ts';
import { build, EVENT_NAMES, eventsOf, type Recipe, showRecipe } from '../reference/recipe.ts';

/** An instance that has no store yet: sets of events are bit masks, `a` and `b` are numbers of events. */
export interface Draft {
  readonly P: Recipe;
  readonly Q: Recipe;
  readonly R: Recipe;
  readonly A: number;
  readonly B: number;
  readonly C: number;
  readonly events: readonly [a: number, b: number];
}

const EVENTS = 3;
const process = recipes({ size: 6, events: EVENTS, ops: COMPOSITIONAL });
const mask = fc.integer({ min: 0, max: 2 ** EVENTS - 1 });
const pair = fc
  .tuple(fc.integer({ min: 0, max: EVENTS - 1 }), fc.integer({ min: 1, max: EVENTS - 1 }))
  .map(([a, distance]) => [a, (a + distance) % EVENTS] as const);

export const drafts: fc.Arbitrary<Draft> = fc.record({
  P: process,
  Q: process,
  R: process,
  A: mask,
  B: mask,
  C: mask,
  events: pair,
});

export function instantiate(draft: Draft): Instance {
  const terms = new Terms(new Alphabet());
  const sigma = eventsOf(terms, 2 ** EVENTS - 1);
  return {
    terms,
    P: build(terms, draft.P),
    Q: build(terms, draft.Q),
    R: build(terms, draft.R),
    A: eventsOf(terms, draft.A),
    B: eventsOf(terms, draft.B),
    C: eventsOf(terms, draft.C),
    sigma,
    a: sigma[draft.events[0]]!,
    b: sigma[draft.events[1]]!,
  };
}

export function showDraft({ P, Q, R, A, B, C, events }: Draft): string {
  const names = (set: number) => `{${EVENT_NAMES.filter((_, i) => set & (1 << i))}}`;
  const [a, b] = events.map((event) => EVENT_NAMES[event]);
  return `P = ${showRecipe(P)}, Q = ${showRecipe(Q)}, R = ${showRecipe(R)}, A = ${names(A)}, B = ${names(B)}, C = ${names(C)}, a = ${a}, b = ${b}`;
}
