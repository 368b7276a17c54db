/** Questions that take for ever are ended by the caller's clock, wherever the time goes. The clocks here count how often they are asked. */
import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { Alphabet, LimitReached, type Process, Terms } from './csp/index.ts';
import { normalizeLazily, Transitions, termLts } from './lts/index.ts';

/** True from the `looks`-th time on. */
function patience(looks: number): () => boolean {
  let left = looks;
  return () => --left < 0;
}

const spent = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof LimitReached) return error.spent;
    throw error;
  }
};

describe('one state', () => {
  test('with very many operands: its steps are not waited for', () => {
    const terms = new Terms(new Alphabet());
    const each = Array.from({ length: 50_000 }, (_, i) => terms.prefix(terms.alphabet.intern(`c.${i}`), terms.skip));
    const lts = termLts(terms, terms.interleave(each), { stopped: patience(3) });
    expect(spent(() => lts.successors(lts.initial, new Transitions()))).toBe('time');
  });

  test('a few steps take no look at the clock', () => {
    const terms = new Terms(new Alphabet());
    const a = terms.alphabet.intern('a');
    const lts = termLts(terms, terms.prefix(a, terms.stop), { stopped: patience(1) });
    const into = new Transitions();
    lts.successors(lts.initial, into);
    expect(into.length).toBe(1);
  });
});

test('taus without end, each under one more operator: the closure is not waited for', () => {
  const terms = new Terms(new Alphabet());
  const a = terms.alphabet.intern('a');
  const P: Process = terms.call('P', () =>
    terms.internalChoice([terms.sequential(terms.internalChoice([P, terms.skip]), P), terms.prefix(a, terms.skip)]),
  );
  const stopped = patience(10);
  expect(spent(() => normalizeLazily(termLts(terms, P, { stopped }), { stopped }))).toBe('time');
});

describe('evaluation', () => {
  const timed = (source: string) => {
    let time = 0;
    return check(source, { file: 'hostile.csp', now: () => (time += 1), timeoutMs: 20 });
  };

  test('in an assertion: unknown', () => {
    const { assertions } = timed('channel a\nf(n) = f(n + 1)\nassert f(0) :[deadlock free [F]]');
    expect(assertions.map(({ verdict }) => verdict)).toEqual(['unknown']);
  });

  test('in a declaration: a fault that says where', () => {
    const { diagnostics } = timed('f(n) = f(n + 1)\nchannel a : {0..f(0)}');
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toContain('error CSP-EVL-006');
  });
});
