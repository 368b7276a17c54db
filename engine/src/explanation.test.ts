import { describe, expect, test } from 'vitest';
import { chartOfReport, drawChart } from './chart.ts';
import { check } from './check.ts';
import type { ReportedCounterexample } from './report.ts';
import { becauseOf } from './words.ts';

/** The counterexample of the only assertion of a script. */
function refuted(source: string): ReportedCounterexample {
  const { assertions, diagnostics } = check(source, { file: 'script.csp', now: () => 0 });
  expect(diagnostics).toEqual([]);
  expect(assertions[0]?.verdict).toBe('fails');
  return assertions[0]!.counterexample!;
}

describe('who took part', () => {
  test('a component that performs an event and comes back to where it was counts', () => {
    const found = refuted(`
      channel a, b
      CLOCK = a -> CLOCK
      ONCE = a -> b -> STOP
      assert CLOCK [|{a}|] ONCE :[deadlock free [F]]`);
    expect(found.steps.map((step) => step.participants)).toEqual([[0, 1], [1]]);
  });

  test('every event is seen by all whose alphabet has it, and by no other', () => {
    const found = refuted(`
      channel a, b, c
      assert (a -> b -> STOP) [{a, b} || {b, c}] (b -> c -> STOP) :[deadlock free [F]]`);
    const by = new Map(found.steps.map((step) => [step.event, step.participants]));
    expect(by).toEqual(
      new Map([
        ['a', [0]],
        ['b', [0, 1]],
        ['c', [1]],
      ]),
    );
  });

  test('renaming and hiding between components and what is seen', () => {
    const found = refuted(
      `
      channel a, b, c, stop
      P = a -> P
      assert STOP [T= ((P [[a <- b]] [|{b}|] (b -> stop -> STOP)) \\\\ {b}) ||| STOP`.replace('\\\\', '\\'),
    );
    expect(found.steps).toMatchObject([
      { event: 'τ', hidden: 'b', participants: [0, 1] },
      { event: 'stop', participants: [1] },
    ]);
    expect(found.components?.map(({ trace }) => trace)).toEqual([['a'], ['b', 'stop'], []]);
  });
});

describe('what a tau was', () => {
  test('the event that was hidden, also under operators that are not static', () => {
    const found = refuted(`
      channel a, b, c
      assert STOP [T= ((a -> b -> SKIP) \\ {a}) ; c -> STOP`);
    expect(found.steps[0]).toMatchObject({ event: 'τ', hidden: 'a' });
  });

  test("a termination is a tick that only neighbors see; a choice is nobody's event", () => {
    const ended = refuted('channel a\nassert STOP [T= SKIP ; a -> STOP');
    expect(ended.steps[0]).toMatchObject({ event: 'τ', hidden: '✓' });
    const chosen = refuted('channel a\nassert a -> STOP [F= (a -> STOP) |~| STOP');
    expect(chosen.steps.map((step) => step.event)).toEqual(['τ']);
    expect(chosen.steps[0]).not.toHaveProperty('hidden');
  });

  test('the chart tells it', () => {
    const found = refuted(`
      channel a, b
      L = a -> STOP
      R = a -> b -> STOP
      assert STOP [T= (L [|{a}|] R) \\ {a}`);
    expect(drawChart(chartOfReport(found)!)).toBe(['  L     R', '  ●─────●     τ (a)', '  │     ●     b'].join('\n'));
  });
});

describe('the cause', () => {
  test('a deadlock: what each waits for, who refuses it, and the ring', () => {
    const found = refuted(`
      channel a, b
      LEFT = a -> b -> LEFT
      RIGHT = b -> a -> RIGHT
      assert LEFT [|{a, b}|] RIGHT :[deadlock free [F]]`);
    expect(found.blocked).toEqual([
      { event: 'a', offeredBy: [0], refusedBy: [1] },
      { event: 'b', offeredBy: [1], refusedBy: [0] },
    ]);
    expect(found.ring).toEqual([0, 1]);
    expect(becauseOf(found)).toEqual([
      'Each waits for the next: LEFT → RIGHT → LEFT.',
      'LEFT offers a, which RIGHT refuses.',
      'RIGHT offers b, which LEFT refuses.',
    ]);
  });

  test('three dining philosophers: the ring goes round the table', () => {
    const found = refuted(`
      channel picks, puts : {0..2}.{0..2}
      FORK(j) = picks?i:{j, (j + 2) % 3}!j -> puts.i.j -> FORK(j)
      PHIL(i) = picks.i.i -> picks.i.(i + 1) % 3 -> puts.i.(i + 1) % 3 -> puts.i.i -> PHIL(i)
      assert (||| i : {0..2} @ PHIL(i)) [|{|picks, puts|}|] (||| j : {0..2} @ FORK(j)) :[deadlock free [F]]`);
    const names = found.components!.map(({ name }) => name);
    expect(names).toEqual(['PHIL(0)', 'PHIL(1)', 'PHIL(2)', 'FORK(0)', 'FORK(1)', 'FORK(2)']);
    // Every philosopher holds the fork of his number, so each waits for the next fork, and it for its holder.
    expect(found.ring!.map((index) => names[index])).toEqual([
      'PHIL(0)',
      'FORK(1)',
      'PHIL(1)',
      'FORK(2)',
      'PHIL(2)',
      'FORK(0)',
    ]);
    expect(found.components![0]).toMatchObject({
      trace: ['picks.0.0'],
      offers: ['picks.0.1'],
      within: 'PHIL(0)',
      place: { line: 4 },
    });
  });

  test('an event that no partner ever does is said to be so', () => {
    const found = refuted('channel a\nP = a -> P\nassert P [|{a}|] STOP :[deadlock free [F]]');
    expect(found.blocked).toEqual([{ event: 'a', offeredBy: [0], refusedBy: [] }]);
    expect(found.ring).toBeUndefined();
    expect(becauseOf(found)).toEqual([
      'P offers a, which nobody else ever does.',
      'STOP has stopped: it can do nothing.',
    ]);
  });

  test('a divergence: who goes round, and by which hidden events', () => {
    const found = refuted(`
      channel a, b, c
      PING = a -> b -> PING
      PONG = a -> b -> PONG
      assert (PING [|{a, b}|] PONG ||| (c -> STOP)) \\ {a, b} :[divergence free]`);
    expect(new Set(found.loop!.map((step) => step.hidden))).toEqual(new Set(['a', 'b']));
    expect(found.loop!.every((step) => `${step.participants}` === '0,1')).toBe(true);
    expect(becauseOf(found)[0]).toMatch(/^PING and PONG go round, unseen: [ab], [ab]\.$/);
  });

  test('nondeterminism: the run that accepts beside the run that refuses', () => {
    const found = refuted('channel a, b\nassert a -> (b -> STOP |~| STOP) :[deterministic [F]]');
    expect(found).toMatchObject({ kind: 'nondeterminism', trace: ['a'], event: 'b' });
    expect(found.steps.map((step) => step.event)).toEqual(['a', 'τ']);
    expect(found.accepting!.map((step) => step.event)).toEqual(['a', 'τ', 'b']);
    expect(found.refusing!.map((step) => step.event)).toEqual(['a', 'τ']);
  });

  test('nondeterminism by what is hidden: both runs, whichever of them the checker came by', () => {
    const found = refuted(
      `
      channel a, b, c
      L = a -> (b -> STOP [] c -> STOP)
      R = c -> R
      assert (L [|{c}|] R) \\ {c} :[deterministic [FD]]`.replace('\\\\', '\\'),
    );
    expect(found).toMatchObject({ kind: 'nondeterminism', trace: ['a'], event: 'b' });
    expect(found.accepting).toMatchObject([{ event: 'a' }, { event: 'b', participants: [0] }]);
    expect(found.refusing).toMatchObject([{ event: 'a' }, { event: 'τ', hidden: 'c', participants: [0, 1] }]);
  });

  test('an event too many: what the specification could do instead', () => {
    const found = refuted('channel a, b, c\nassert a -> (b -> STOP [] c -> STOP) [T= a -> a -> STOP');
    expect(found.allowed).toEqual(['b', 'c']);
    expect(becauseOf(found)).toEqual(['There the specification can do b or c.']);
  });
});

test('processes that are parallel without end are still explained', () => {
  const found = refuted('channel a, b\nP = a -> (P ||| STOP)\nassert STOP [T= P');
  expect(found.components).toHaveLength(1);
});

test('a component that goes wrong alone, where its partner never lets it go, is explained too', () => {
  const found = refuted(`
    channel a : {0..1}
    P(n) = a!n -> P(n + 1)
    assert P(0) [|{|a|}|] a.0 -> STOP :[deadlock free [F]]`);
  expect(found.trace).toEqual(['a.0']);
});

test('assertions and diagnostics have their whole place', () => {
  const { assertions } = check('channel a\nassert STOP [T= a -> STOP\n', { file: 'script.csp', now: () => 0 });
  expect(assertions[0]?.place).toMatchObject({ file: 'script.csp', line: 2 });
  const { diagnostics } = check('P = a -> STOP\n', { file: 'script.csp', now: () => 0 });
  expect(diagnostics[0]).toMatchObject({ line: 1, column: 5, endLine: 1, endColumn: 6 });
});
