/** The verdict on silence against the definition of stable failures: random processes, every refusal tried on the states themselves. */
import { expect, test } from 'vitest';
import { explore } from '../../../tests/reference/graph.ts';
import { bit, closureOf, refuses } from '../../../tests/reference/observations.ts';
import { COMPOSITIONAL, randomRecipe } from '../../../tests/reference/random-recipe.ts';
import { build, EVENT_NAMES, showRecipe } from '../../../tests/reference/recipe.ts';
import { seededRandom } from '../../../tests/reference/seeded-random.ts';
import { Alphabet, type EventId, Terms, TICK } from '../csp/index.ts';
import { normalize, termLts } from '../lts/index.ts';
import { monitorOf } from './monitor.ts';
import { type Offered, quiescenceAt } from './quiescence.ts';
import type { Roles } from './roles.ts';

const ROLES = ['x', 'y', 'z'];

test('a role owes exactly when the process may not refuse what the role was offered', () => {
  const found = { allowed: 0, owing: 0, together: 0 };
  for (let seed = 1; seed <= 2000; seed++) {
    const random = seededRandom(seed);
    const terms = new Terms(new Alphabet());
    const recipe = randomRecipe(random, { size: 9, events: 3, ops: COMPOSITIONAL });
    const process = build(terms, recipe);
    const events = EVENT_NAMES.slice(0, 3).map((name) => terms.alphabet.intern(name));
    const parts = events.map(() => {
      const from = random(3);
      return { from: ROLES[from]!, to: random(2) === 0 ? undefined : ROLES[(from + 1) % 3]! };
    });
    const partOf = (event: EventId) => parts[events.indexOf(event)]!;
    const roles: Roles = {
      names: ROLES,
      performerOf: (event) => partOf(event).from,
      receiversOf: (event) => [partOf(event).to].filter((to) => to !== undefined),
      addresseesOf: () => [],
      takesPart: (role, event) => partOf(event).from === role || partOf(event).to === role,
    };
    const graph = explore(terms, process, 500);
    const monitor = monitorOf(normalize(termLts(terms, process)));
    let states = closureOf(graph, [graph.initial]);
    let node = monitor.initial;
    for (let length = 0; length < 4; length++) {
      const offers = new Map<string, Offered>(
        ROLES.map((role) => [
          role,
          { performs: EVENT_NAMES.slice(0, 3).filter(() => random(2) === 0), listens: random(2) === 0 },
        ]),
      );
      // As it waits, so it waits: an event for which everybody is ready would have happened.
      const ready = (event: EventId, role: string): boolean => {
        const { from, to } = partOf(event);
        const performs = from === role || offers.get(from)!.performs.includes(terms.alphabet.nameOf(event));
        return performs && (to === undefined || to === role || offers.get(to)!.listens);
      };
      const isStill = events.every((event) => !ready(event, 'nobody'));
      const stable = [...states].some((state) => refuses(graph, state, 0));
      if (isStill && stable) {
        const verdict = quiescenceAt({ monitor, node, roles, offers: (role) => offers.get(role)! });
        const mayRefuse = (X: number) => [...states].some((state) => refuses(graph, state, X));
        const words = `seed ${seed}: ${showRecipe(recipe)} after ${length} events`;
        const all = events.reduce((set, event) => set | bit(event), 0);
        expect(verdict.kind === 'allowed', words).toBe(mayRefuse(all));
        const owing = ROLES.filter((role) => {
          const offered = events.filter((event) => {
            const { from, to } = partOf(event);
            return (from === role || to === role) && ready(event, role);
          });
          return !mayRefuse(offered.reduce((set, event) => set | bit(event), 0));
        });
        expect(
          verdict.owing.map(({ role }) => role),
          words,
        ).toEqual(owing);
        if (verdict.kind === 'allowed') found.allowed++;
        else if (owing.length > 0) found.owing++;
        else found.together++;
      }
      const steps = [...states].flatMap((state) => graph.edges.get(state)!).filter(({ event }) => event > TICK);
      if (steps.length === 0) break;
      const { event } = steps[random(steps.length)]!;
      states = closureOf(
        graph,
        [...states].flatMap((state) =>
          graph.edges.get(state)!.flatMap((edge) => (edge.event === event ? [edge.to] : [])),
        ),
      );
      node = monitor.step(node, event);
    }
  }
  expect(Math.min(found.allowed, found.owing, found.together), JSON.stringify(found)).toBeGreaterThan(50);
});
