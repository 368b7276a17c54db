/** A projection against the law it stands for: the normal form of `P` with the other events hidden is the normal form of `P \ X`, in traces and failures. */
import { expect, test } from 'vitest';
import { COMPOSITIONAL, randomRecipe } from '../../../tests/reference/random-recipe.ts';
import { build, eventsOf, showRecipe } from '../../../tests/reference/recipe.ts';
import { seededRandom } from '../../../tests/reference/seeded-random.ts';
import { Alphabet, type EventId, type Process, Terms, TICK } from '../csp/index.ts';
import { LimitReached, type NormalForm, normalize, project, termLts } from './index.ts';

/** The first trace after which two normal forms say different things; undefined when they are equal in T and F. */
function difference(one: NormalForm, other: NormalForm): readonly string[] | undefined {
  const seen = new Set<string>();
  const queue = [{ a: one.initial, b: other.initial, trace: [] as string[] }];
  for (const { a, b, trace } of queue) {
    if (seen.has(`${a} ${b}`)) continue;
    seen.add(`${a} ${b}`);
    const sets = (form: NormalForm, node: number) => form.acceptances(node).map(String).sort().join(' | ');
    if (String(one.initials(a)) !== String(other.initials(b)) || sets(one, a) !== sets(other, b)) return trace;
    for (const event of one.initials(a))
      queue.push({
        a: one.after(a, event),
        b: other.after(b, event),
        trace: [...trace, one.alphabet.nameOf(event)],
      });
  }
  return undefined;
}

test('on random processes: projecting the normal form is hiding in the process', () => {
  let changed = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const random = seededRandom(seed);
    const recipe = randomRecipe(random, { size: 10, events: 3, ops: COMPOSITIONAL });
    const terms = new Terms(new Alphabet());
    const hidden = eventsOf(terms, random(8));
    const process = build(terms, recipe);
    const form = normalize(termLts(terms, process));
    const projected = project(form, (event) => event !== TICK && !hidden.includes(event)); // Tick is seen whoever asks.
    const expected = normalize(termLts(terms, terms.hide(process, hidden)));
    expect(difference(expected, projected), `seed ${seed}: ${showRecipe(recipe)} \\ {${hidden}}`).toBeUndefined();
    if (difference(form, projected) !== undefined) changed++;
  }
  // Where hiding changes nothing, nothing is shown.
  expect(changed).toBeGreaterThan(300);
});

const terms = new Terms(new Alphabet());
const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];
const normal = (process: Process) => normalize(termLts(terms, process));

test('what others decide is a choice that one does not see being made', () => {
  // a -> b -> STOP [] c -> STOP, seen without a: after b nothing; at first b or c may come, and it may settle on b alone.
  const form = normal(
    terms.externalChoice([terms.prefix(a, terms.prefix(b, terms.stop)), terms.prefix(c, terms.stop)]),
  );
  const local = project(form, (event) => event !== a);
  expect(local.initials(local.initial)).toEqual([b, c]);
  expect(local.acceptances(local.initial)).toEqual([[b]]);
});

test('a limit on nodes is a limit reached', () => {
  const tail = (n: number): Process =>
    n === 0 ? terms.stop : terms.prefixChoice([a, b].map((event) => ({ event, next: tail(n - 1) })));
  const guess = terms.call('guess', () =>
    terms.prefixChoice([
      { event: a, next: guess },
      { event: b, next: guess },
      { event: c, next: terms.prefix(a, tail(6)) },
    ]),
  );
  expect(() => project(normal(guess), (event) => event !== c, { stateCountMax: 50 })).toThrow(LimitReached);
  expect(project(normal(guess), (event) => event !== c).nodeCount).toBeGreaterThan(64);
});
