import { describe, expect, test } from 'vitest';
import { Alphabet, eventSet, Terms } from '../../csp/index.ts';
import { Network } from '../network.ts';
import type { Suspension } from '../operation.ts';
import type { Process } from '../process.ts';
import { Seeded } from '../seeded.ts';
import { Bulkhead, BulkheadFullError } from './bulkhead.ts';
import { CircuitBreaker, CircuitOpenError } from './circuit-breaker.ts';
import { PhiAccrual, phiOf } from './phi-accrual.ts';
import { decorrelated, retry } from './retry.ts';
import { closureOf, participantsOf, smallestClosedGroups } from './session-restart.ts';

type Steps<T> = Generator<Suspension, T, unknown>;

function run(body: (self: Process<never>, network: Network) => Steps<void>): void {
  const network = new Network();
  network.spawn('test', (self) => body(self as Process<never>, network));
  expect(network.run()).toEqual({ kind: 'terminated' });
}

describe('phi accrual', () => {
  // Upper tails of the standard normal distribution as tabulated (Abramowitz and Stegun, tables 26.1 and 26.2).
  test.each([
    [0, 0.5],
    [1, 0.15865525393145707],
    [2, 0.02275013194817921],
    [3, 0.0013498980316300933],
    [4, 3.167124183311986e-5],
    [5, 2.866515718791933e-7],
    [6, 9.865876450377018e-10],
    [8, 6.22096057427178e-16],
    [10, 7.61985302416047e-24],
    [-1, 0.8413447460685429],
    [-2, 0.9772498680518208],
  ])('%d deviations late', (deviations, tail) => {
    expect(phiOf(deviations)).toBeCloseTo(-Math.log10(tail), 10);
  });

  test('grows without bound and without a step, where a probability underflows too', () => {
    let before = 0;
    for (let x = -8; x < 60; x += 0.01) {
      const phi = phiOf(x);
      expect(phi).toBeGreaterThanOrEqual(before);
      before = phi;
    }
    expect(phiOf(50)).toBeGreaterThan(540); // exp(-1250): far below the least number.
  });

  test('intervals of 900 and 1100 ms: mean 1000, deviation 100; silence of 1500 ms is five deviations', () => {
    let now = 0;
    const detector = new PhiAccrual({ now: () => now, deviationMin: 1, windowSize: 4 });
    expect(detector.phi).toBe(0);
    for (const interval of [0, 900, 1100, 900, 1100]) {
      now += interval;
      detector.heartbeat();
    }
    now += 1000;
    expect(detector.phi).toBeCloseTo(Math.log10(2), 10);
    now += 500;
    expect(detector.phi).toBeCloseTo(-Math.log10(2.866515718791933e-7), 8);
    expect(detector.suspected).toBe(false);
    now += 100; // Six deviations: phi 9.006.
    expect(detector.suspected).toBe(true);
    detector.heartbeat();
    expect(detector.suspected).toBe(false);
  });

  test('regular heartbeats have the floor as deviation; a pause is allowed for; old intervals are forgotten', () => {
    let now = 0;
    const beats = (detector: PhiAccrual, count: number, interval: number) => {
      for (let i = 0; i < count; i++) {
        detector.heartbeat();
        now += interval;
      }
    };
    const patient = new PhiAccrual({ now: () => now, pauseAcceptable: 3000, windowSize: 5 });
    beats(patient, 20, 50);
    beats(patient, 6, 1000);
    now += 3000;
    expect(patient.phi).toBeCloseTo(Math.log10(2), 10);
    now += 100;
    expect(patient.phi).toBeCloseTo(-Math.log10(0.15865525393145707), 10);
  });

  test.each([
    { threshold: 0 },
    { windowSize: 0 },
    { deviationMin: 0 },
    { pauseAcceptable: -1 },
    { intervalExpected: 0 },
  ])('%j is refused', (options) => {
    expect(() => new PhiAccrual({ now: () => 0, ...options })).toThrow(RangeError);
  });
});

describe('circuit breaker', () => {
  test('opens after failures in a row, refuses, lets one trial through, which decides', () => {
    run(function* (self, network) {
      const breaker = new CircuitBreaker({ now: () => network.now(), failuresMax: 2, openMs: 100 });
      let asked = 0;
      const ask = function* (self: Process<never>, fails: boolean): Steps<string> {
        try {
          return yield* breaker.run(function* () {
            asked++;
            yield* self.delay(1);
            if (fails) throw new Error('no');
            return 'yes';
          });
        } catch (error) {
          return error instanceof CircuitOpenError ? `refused ${error.retryAfterMs}` : 'failed';
        }
      };
      const answers: string[] = [];
      for (const fails of [true, false, true, true]) answers.push(yield* ask(self, fails)); // A success between resets.
      expect(answers).toEqual(['failed', 'yes', 'failed', 'failed']);
      expect(breaker.status).toBe('open'); // At 4 ms, until 104.
      yield* self.delay(60);
      expect(yield* ask(self, false)).toBe('refused 40');
      yield* self.delay(40);
      expect(breaker.status).toBe('half open');
      network.spawn('second', function* (other) {
        expect(yield* ask(other as unknown as Process<never>, false)).toBe('refused 0'); // While the trial is under way.
      });
      expect(yield* ask(self, true)).toBe('failed');
      expect(breaker.status).toBe('open');
      yield* self.delay(100);
      expect(yield* ask(self, false)).toBe('yes');
      expect(breaker.status).toBe('closed');
      expect(asked).toBe(6);
    });
  });

  test('a trial that is cancelled gives way to another', () => {
    run(function* (self, network) {
      const breaker = new CircuitBreaker({ now: () => network.now(), failuresMax: 1, openMs: 10 });
      try {
        // biome-ignore lint/correctness/useYield: it fails at once.
        yield* breaker.run(function* () {
          throw new Error('no');
        });
      } catch {}
      yield* self.delay(10);
      const trial = network.spawn('trial', (other) => breaker.run(() => other.delay(1000)));
      yield* self.delay(1);
      network.cancel(trial as Process);
      yield* breaker.run(() => self.delay(1));
      expect(breaker.status).toBe('closed');
    });
  });
});

describe('retry', () => {
  test('tries until it succeeds, pausing between', () => {
    run(function* (self, network) {
      const result = yield* retry(
        self,
        function* (attempt) {
          yield* self.delay(1);
          if (attempt < 3) throw new Error('not yet');
          return attempt;
        },
        { random: new Seeded(1), baseMs: 10, capMs: 50 },
      );
      expect(result).toBe(3);
      expect(network.now()).toBeGreaterThanOrEqual(3 + 2 * 10);
      expect(network.now()).toBeLessThanOrEqual(3 + 30 + 50);
    });
  });

  test('gives up with the last error, and at once for one that stays', () => {
    run(function* (self) {
      for (const [options, tries] of [
        [{ triesMax: 4 }, 4],
        [{ retryable: () => false }, 1],
      ] as const) {
        let tried = 0;
        let message = '';
        try {
          yield* retry(
            self,
            function* () {
              yield* self.delay(1);
              throw new Error(`try ${++tried}`);
            },
            { random: new Seeded(1), ...options },
          );
        } catch (error) {
          message = (error as Error).message;
        }
        expect(message).toBe(`try ${tries}`);
      }
    });
  });

  test('pauses are uniform between base and three times the one before, and no longer than the cap', () => {
    const random = new Seeded(7);
    const pauses = Array.from({ length: 20_000 }, () => decorrelated(200, { random, baseMs: 100, capMs: 1000 }));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...pauses)).toBeLessThan(600);
    const mean = pauses.reduce((sum, pause) => sum + pause / pauses.length, 0);
    expect(Math.abs(mean - 350)).toBeLessThan(4 * (500 / Math.sqrt(12) / Math.sqrt(20_000))); // Four standard errors.
    const capped = Array.from({ length: 2000 }, () => decorrelated(900, { random, baseMs: 100, capMs: 1000 }));
    expect(Math.max(...capped)).toBe(1000);
  });
});

test('a bulkhead admits so many, lets so many wait in order, and refuses one more', () => {
  run(function* (self, network) {
    const bulkhead = new Bulkhead(network, 'b', { insideMax: 2, waitingMax: 1 });
    const log: string[] = [];
    const visitors = ['p', 'q', 'r', 's'].map((name) =>
      network.spawn(name, function* (visitor) {
        try {
          yield* bulkhead.run(() => visitor.delay(10));
          log.push(`${name}@${network.now()}`);
        } catch (error) {
          log.push(error instanceof BulkheadFullError ? `${name} refused` : 'broken');
        }
      }),
    );
    yield* self.delay(1);
    expect(bulkhead.free).toBe(0);
    network.cancel(visitors[2] as Process); // Who waits no more makes room for another who waits.
    network.spawn('t', function* (visitor) {
      yield* bulkhead.run(() => visitor.delay(10));
      log.push(`t@${network.now()}`);
    });
    yield* self.delay(50);
    expect(log).toEqual(['s refused', 'p@10', 'q@10', 't@20']);
    expect(bulkhead.free).toBe(2);
  });
});

describe('groups that are closed under restart', () => {
  const terms = new Terms(new Alphabet());
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => terms.alphabet.intern(name)) as [never, never, never, never];
  const participants = [
    { name: 'client', alphabet: eventSet([a]) },
    { name: 'server', alphabet: eventSet([a, b]) },
    { name: 'store', alphabet: eventSet([b]) },
    { name: 'clock', alphabet: eventSet([c]) },
    { name: 'bell', alphabet: eventSet([c, d]) },
  ];

  test('an open group is shown by an event and whom it concerns', () => {
    expect(closureOf(participants, ['client', 'server'])).toEqual({
      kind: 'open',
      event: b,
      inside: 'server',
      outside: 'store',
    });
    expect(closureOf(participants, ['client', 'server', 'store'])).toEqual({ kind: 'closed' });
    expect(() => closureOf(participants, ['nobody'])).toThrow('nobody is called nobody');
  });

  test('the closed groups are exactly the unions of the smallest: all subsets tried', () => {
    const smallest = smallestClosedGroups(participants);
    expect(smallest).toEqual([
      ['client', 'server', 'store'],
      ['clock', 'bell'],
    ]);
    for (let mask = 0; mask < 2 ** participants.length; mask++) {
      const group = participants.filter((_, i) => mask & (1 << i)).map(({ name }) => name);
      const union = smallest.every(
        (part) => part.every((name) => group.includes(name)) || !part.some((name) => group.includes(name)),
      );
      expect(closureOf(participants, group).kind === 'closed').toBe(union);
    }
  });

  test('alphabets come from the specification', () => {
    const P = terms.prefix(a, terms.prefix(b, terms.stop));
    const Q = terms.prefix(b, terms.prefix(c, terms.stop));
    const alphabets = (process: Parameters<typeof participantsOf>[1]) => {
      const found = participantsOf(terms, process, ['p', 'q']);
      return found.kind === 'refused' ? found.message : found.participants.map(({ alphabet }) => alphabet);
    };
    const parallel = terms.alphabetizedParallel([
      { process: P, alphabet: eventSet([a, b]) },
      { process: Q, alphabet: eventSet([b, c]) },
    ]);
    expect(
      alphabets(
        terms.hide(
          terms.call('SYSTEM', () => parallel),
          eventSet([b]),
        ),
      ),
    ).toEqual([
      [a, b],
      [b, c],
    ]);
    // Not synchronized on c: q alone performs it, and b is shared.
    expect(alphabets(terms.generalizedParallel([P, Q], eventSet([a, b])))).toEqual([[a, b], [b]]);
    expect(alphabets(terms.interleave([P, Q]))).toEqual([[], []]);
    expect(alphabets(P)).toContain('no components');
    expect(alphabets(terms.interleave([P, Q, P]))).toContain('3 components, and 2 names');
  });
});
