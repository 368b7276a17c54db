/** Every model has its published verdict, and every conversation among them can be held. */
import { readFileSync } from 'node:fs';
import { check, conversationOf, openProtocol, withObligations } from '@enhanced-csp/engine';
import { type Agent, playSession, Seeded, wanderer } from '@enhanced-csp/engine/runtime';
import { describe, expect, test } from 'vitest';
import { modelsOf, pagesOfModels } from '../scripts/models/page.ts';

const MODELS = modelsOf('models');
const SEEDS = [1, 2, 3, 4, 5];

const CLASSICS = [
  'alternating-bit',
  'bakery',
  'bully',
  'knights-tour',
  'level-crossing',
  'milner-scheduler',
  'needham-schroeder',
  'peg-solitaire',
  'philosophers',
  'sliding-window',
  'token-ring',
  'two-phase-commit',
];
const CONVERSATIONS = [
  'brokering',
  'contract-net',
  'dutch-auction',
  'english-auction',
  'iterated-contract-net',
  'negotiation',
  'propose',
  'query',
  'recruiting',
  'request',
  'request-when',
  'subscribe',
  'two-phase-commit',
];

const conversations = MODELS.filter(({ source }) => conversationOf(source) !== undefined);

test('the zoo is complete', () => {
  expect(MODELS.map(({ name }) => name)).toEqual(expect.arrayContaining(CLASSICS));
  expect(conversations.map(({ name }) => name).sort()).toEqual(CONVERSATIONS);
});

describe.each(MODELS)('$name', ({ name, report, head }) => {
  test('has its published verdicts', () => {
    expect(report.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(
      report.assertions.filter(({ verdict }) => verdict !== 'holds').map(({ line, text }) => `${line}: ${text}`),
    ).toEqual([]);
  });

  test('says something that holds and something that is refuted, and where it is from', () => {
    expect(new Set(report.assertions.map(({ negated }) => negated))).toEqual(new Set([true, false]));
    if (name !== 'negotiation' && name !== 'philosophers') expect(head).toMatch(/Source: .*\d{4}.* Verdict: /);
  });

  test('each refutation is one of the system, not of a mistake in the script', () => {
    for (const assertion of report.assertions)
      if (assertion.negated) expect(assertion.counterexample, assertion.text).toBeDefined();
  });
});

describe.each(conversations)('$name as a conversation', ({ name, source }) => {
  test('can be held', () => {
    const opened = openProtocol({ source }, { file: name });
    if (opened.kind !== 'open') throw new Error(opened.diagnostics.map(({ message }) => message).join('\n'));
    const { monitor, roles } = opened.protocol;
    let ended = 0;
    for (const seed of SEEDS) {
      const chance = new Seeded(seed);
      const agents = Object.fromEntries(
        roles.names.map((role): [string, Agent] => [role, wanderer(chance, { stepsMax: 200 })]),
      );
      const { session, attempts } = playSession({ monitor, roles, agents, seed });
      expect(session.trace.length, `seed ${seed}`).toBeGreaterThan(0);
      expect(attempts.filter((a) => a.kind === 'refused' && a.reason === 'not yours')).toEqual([]);
      if (session.status === 'terminated' || session.mayEnd) ended++;
    }
    expect(ended).toBe(SEEDS.length);
  });

  test('is what every conversation must be', () => {
    const { system } = conversationOf(source)!;
    const whole = check(withObligations(source, system), { file: name, now: () => 0 });
    expect(whole.assertions.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
  });
});

test('docs/models.md is what scripts/models.ts writes, but for the states, which a better checker may lower', () => {
  const withoutStates = (page: string) => page.replaceAll(/ [\d,]+ \|$/gm, ' |');
  const page = pagesOfModels('models');
  expect(withoutStates(page)).not.toBe(page);
  expect(withoutStates(readFileSync('docs/models.md', 'utf8'))).toBe(withoutStates(page));
});
