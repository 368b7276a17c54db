import { expect, test } from 'vitest';
import { randomPair } from '../../../tests/reference/random-pair.ts';
import { COMPOSITIONAL } from '../../../tests/reference/random-recipe.ts';
import { build } from '../../../tests/reference/recipe.ts';
import { seededRandom } from '../../../tests/reference/seeded-random.ts';
import { Alphabet, type Compression, type Process, Terms } from '../csp/index.ts';
import { compile, type Lts } from '../lts/index.ts';
import { type Claim, deadlockFree, deterministic, divergenceFree, refines, replay, type Verdict } from './index.ts';

const COMPRESSIONS: readonly Compression[] = ['diamond', 'tau_loop_factor', 'normal', 'dbisim', 'wbisim'];

test('compressed processes get the verdicts of the plain ones, and counterexamples that replay on those', () => {
  const total = { holds: 0, fails: 0 };
  for (let seed = 1; seed <= 400; seed++) {
    const terms = new Terms(new Alphabet());
    const pair = randomPair(seededRandom(seed), { size: 10, events: 3, ops: COMPOSITIONAL });
    const specification = build(terms, pair.specification);
    const process = build(terms, pair.implementation);
    const by = COMPRESSIONS[seed % COMPRESSIONS.length]!;
    const small = (part: Process): Process => terms.compress(part, by);
    const limits = { stateCountMax: 2000 };
    const plain = compile(terms, process, limits);
    const lts = compile(terms, small(process), limits);
    const compare = (claim: Claim, decided: (implementation: Lts, specification: Lts) => Verdict): void => {
      const expected = decided(plain, compile(terms, specification, limits));
      const found = decided(lts, compile(terms, small(specification), limits));
      if (expected.kind === 'unknown' || found.kind === 'unknown') return;
      const words = `seed ${seed}, ${by}, ${claim.check} ${claim.model}`;
      expect(found.kind, words).toBe(expected.kind);
      total[expected.kind]++;
      if (found.kind !== 'fails' || expected.kind !== 'fails') return;
      expect(found.counterexample.trace.length, words).toBe(expected.counterexample.trace.length);
      expect(replay(terms, claim, found.counterexample), words).toBe(true);
    };
    for (const model of ['T', 'F', 'FD'] as const) {
      compare({ check: 'refinement', model, specification, implementation: process }, (impl, spec) =>
        refines(model, spec, impl, limits),
      );
    }
    for (const model of ['F', 'FD'] as const) {
      compare({ check: 'deadlock free', model, process }, (impl) => deadlockFree(model, impl, limits));
      compare({ check: 'deterministic', model, process }, (impl) => deterministic(model, impl, limits));
    }
    compare({ check: 'divergence free', model: 'FD', process }, (impl) => divergenceFree(impl, limits));
  }
  expect(total.holds).toBeGreaterThan(400);
  expect(total.fails).toBeGreaterThan(400);
});
