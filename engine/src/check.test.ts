/** What a script's assertions ask, from the text to the words of the report: models, options, notes. */
import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { replayReport } from './replay-report.ts';
import type { ReportedAssertion } from './report.ts';
import { becauseOf, sentenceOf } from './words.ts';

const options = { file: 'script.csp', now: () => 0 };

function decided(source: string): readonly ReportedAssertion[] {
  const { assertions, diagnostics } = check(source, options);
  expect(diagnostics).toEqual([]);
  const replayed = replayReport(source, JSON.parse(JSON.stringify(assertions)), options);
  expect(replayed?.filter(({ verdict }) => verdict !== 'valid')).toEqual([]);
  return assertions;
}

const verdicts = (source: string) => decided(source).map(({ verdict }) => verdict);

describe('models', () => {
  const STUCK = `
    channel a, b, c, d
    BOTH = STOP |~| (a -> STOP [] b -> STOP)
    EITHER = STOP |~| a -> STOP |~| b -> STOP`;
  const MEMORY = `
    channel a, b, c, d
    ONE = (a -> b -> STOP [] c -> STOP) |~| a -> d -> STOP
    OTHER = (a -> d -> STOP [] c -> STOP) |~| a -> b -> STOP`;

  test('each of the seven is decided', () => {
    const all = (left: string, right: string): string =>
      ['T', 'F', 'FD', 'V', 'VD', 'R', 'RD'].map((model) => `\nassert ${left} [${model}= ${right}`).join('');
    const [h, f] = ['holds', 'fails'];
    expect(verdicts(STUCK + all('BOTH', 'EITHER'))).toEqual([h, h, h, f, f, f, f]);
    expect(verdicts(STUCK + all('EITHER', 'BOTH'))).toEqual([h, h, h, h, h, h, h]);
    expect(verdicts(MEMORY + all('ONE', 'OTHER'))).toEqual([h, h, h, h, h, f, f]);
  });

  test('properties ask about failures: V and R answer as F, VD and RD as FD', () => {
    const source = `channel a, b
      CLOCK = a -> CLOCK
      LOOP = CLOCK \\ {a}
      P = a -> STOP |~| b -> P
      Q = a -> Q [> LOOP`;
    for (const property of ['deadlock free', 'deterministic'])
      for (const process of ['P', 'Q', 'LOOP']) {
        const [F, V, R, FD, VD, RD] = verdicts(
          source + ['F', 'V', 'R', 'FD', 'VD', 'RD'].map((m) => `\nassert ${process} :[${property} [${m}]]`).join(''),
        );
        expect([V, R], `${process} ${property}`).toEqual([F, F]);
        expect([VD, RD], `${process} ${property}`).toEqual([FD, FD]);
      }
    expect(
      verdicts(
        `${source}\nassert P :[has trace [T]]: <b>\nassert P :[has trace [R]]: <b>\nassert Q :[has trace [VD]]: <a>`,
      ),
    ).toEqual(['holds', 'fails', 'fails']);
  });

  test('CHAOS is the least refined process of T, F and FD, not of V and R; internal choice of single events is', () => {
    const source = `channel a, b
      P = a -> P |~| (a -> P [] b -> STOP)
      LEAST = STOP |~| (|~| x : {a, b} @ x -> LEAST)`;
    const [h, f] = ['holds', 'fails'];
    const all = (spec: string) =>
      ['T', 'F', 'FD', 'V', 'VD', 'R', 'RD'].map((model) => `\nassert ${spec} [${model}= P`).join('');
    expect(verdicts(source + all('CHAOS({a, b})'))).toEqual([h, h, h, f, f, f, f]);
    expect(verdicts(source + all('LEAST'))).toEqual([h, h, h, h, h, h, h]);
  });

  test('a revival in words: what was offered, what the specification would have to allow', () => {
    const [found] = decided(`${STUCK}\nassert BOTH [V= EITHER`);
    expect(sentenceOf(found!)).toBe(
      'After ⟨⟩ it may settle on accepting only {a} and then do a; the specification, where it settles on accepting a, accepts all of {a, b}.',
    );
    expect(becauseOf(found!.counterexample!)).toEqual([
      'It refuses b, and does a all the same.',
      'The specification would have to be able to offer a and nothing outside {a}.',
    ]);
    const [unstable] = decided(`${STUCK}\nassert a -> STOP [> STOP [V= a -> STOP |~| STOP`);
    expect(sentenceOf(unstable!)).toContain('the specification does a only before it has settled');
  });

  test('a refusal trace in words: what was refused on the way', () => {
    const [found] = decided(`${MEMORY}\nassert ONE [R= OTHER`);
    expect(found!.counterexample).toMatchObject({ trace: ['a'], refused: [['c']], accepted: ['b'], required: [['d']] });
    expect(sentenceOf(found!)).toMatch(
      /^After ⟨a⟩, having refused \{c\} before a, it may settle on accepting only \{b\}/,
    );
    expect(becauseOf(found!.counterexample!)).toContain(
      'The specification could go on like this, but not after what was refused on the way.',
    );
  });

  test('who waits for whom, at a revival in a network', () => {
    const [found] = decided(`channel a, b, c
      P = (a -> STOP [] b -> STOP)
      Q = c -> STOP |~| (b -> STOP [] c -> STOP)
      SPEC = STOP |~| (P [|{b}|] (b -> STOP [] c -> STOP))
      assert SPEC [V= P [|{b}|] Q`);
    const { kind, components, blocked } = found!.counterexample!;
    expect(kind).toBe('revival');
    expect(components?.map(({ offers }) => offers)).toEqual([['a', 'b'], ['c']]);
    expect(blocked).toEqual([{ event: 'b', offeredBy: [0], refusedBy: [1] }]);
  });
});

describe('options', () => {
  const TIMED = `
    channel a, b, tock
    WAITING = a -> b -> STOP [] tock -> WAITING
    HASTE = WAITING \\ {a}`;

  test('tau priority: what is internal happens before the events given, in all processes of the assertion', () => {
    expect(
      verdicts(`${TIMED}
        assert RUN({b}) [T= HASTE
        assert RUN({b}) [T= HASTE :[tau priority]: {tock}
        assert HASTE [T= RUN({b, tock}) [| {b, tock} |] (tock -> STOP) :[tau priority over]: {tock}
        assert HASTE [T= tock -> STOP
        assert HASTE :[deterministic]
        assert HASTE :[deterministic]  :[tau priority]: {tock}
        assert HASTE :[has trace [T]]: <tock>
        assert HASTE :[has trace [T]]: <tock> :[tau priority]: {tock}
        assert not HASTE :[has trace [T]]: <tock> :[tau priority]: {tock}
        assert b -> STOP [R= HASTE :[tau priority]: {tock}`),
    ).toEqual(['fails', 'holds', 'fails', 'holds', 'fails', 'holds', 'holds', 'fails', 'holds', 'holds']);
  });

  test('partial order reduction is a hint: the same verdict, and the report says that it was not used', () => {
    const [plain, hinted] = decided(`${TIMED}
      assert STOP [T= HASTE
      assert STOP [T= HASTE :[partial order reduce [hybrid]]`);
    expect(plain!.notes).toBeUndefined();
    expect(hinted!.notes).toEqual(['partial order reduction is a hint that changes no verdict; it was not used']);
    expect(hinted!.counterexample).toEqual(plain!.counterexample);
  });

  test('a compression that loses what the model sees is left out, and the report says so', () => {
    const source = `
      channel a, b
      transparent diamond, sbisim
      P = a -> STOP |~| (a -> STOP [] b -> STOP)
      Q = diamond(P) ||| sbisim(diamond(SKIP))`;
    const [F, V, R] = decided(`${source}\nassert P [F= Q\nassert P [V= Q\nassert Q [R= P`);
    expect([F!.verdict, V!.verdict, R!.verdict]).toEqual(['holds', 'holds', 'holds']);
    expect(F!.notes).toBeUndefined();
    expect(V!.notes).toEqual(['diamond loses what V sees, so this was decided without it']);
    expect(R!.notes).toEqual(['diamond loses what R sees, so this was decided without it']);
  });
});

test('an assertion that needs more memory than there may be is unknown; progress says how much is used', () => {
  const source =
    'N = 300\nchannel up : {0..N}\nCOUNT(n) = n < N & up.n -> COUNT(n + 1)\nassert (COUNT(0) ||| COUNT(0)) :[deadlock free [F]]';
  const used: (number | undefined)[] = [];
  let bytes = 0;
  const bounded = {
    ...options,
    byteCount: () => (bytes += 1_000),
    onProgress: (_: object, { byteCount }: { readonly byteCount?: number }) => used.push(byteCount),
  };
  const [spent] = check(source, { ...bounded, byteCountMax: 2_500 }).assertions;
  expect(spent).toMatchObject({ verdict: 'unknown', reason: 'stopped: the limit on memory was reached' });
  expect(used).toEqual([1_000, 2_000, 3_000]);
  expect(check(source, { ...bounded, byteCountMax: 1e9 }).assertions[0]?.verdict).toBe('fails');
});
