/** Groups that may be restarted together: shown by hand on scripts, and by the checker on the restart itself, written as an interrupt. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { restartGroups } from './restart-groups.ts';

const SHOP = `
channel ask, answer, load, save, beat, seen : {0..1}
CLIENT = ask?x -> answer?y -> CLIENT
SERVER = ask?x -> load?y -> answer!y -> SERVER
STORE = load!0 -> STORE [] save?x -> STORE
HEART = beat!0 -> HEART
WATCH = beat?x -> seen!x -> WATCH
FRONT = CLIENT [| {| ask, answer |} |] SERVER
BACK = FRONT [| {| load |} |] STORE
ALARM = (HEART [| {| beat |} |] WATCH) \\ {| beat |}
SYSTEM = BACK ||| ALARM
CLASH = BACK ||| (ALARM [[ seen <- ask ]])
`;

const judged = (source: string, system: string, groups: Record<string, string[]>) => {
  const report = restartGroups(source, { system, groups });
  if (report.kind === 'refused') throw new Error(report.message);
  return report;
};

test('groups through nested operators: closed, or an event and whom it concerns', () => {
  const report = judged(SHOP, 'SYSTEM', {
    all: ['CLIENT', 'SERVER', 'STORE'],
    front: ['CLIENT', 'SERVER'],
    alarm: ['HEART', 'WATCH'],
    watch: ['WATCH'],
  });
  expect(report.components).toEqual(['CLIENT', 'SERVER', 'STORE', 'HEART', 'WATCH']);
  expect(report.smallest).toEqual([
    ['CLIENT', 'SERVER', 'STORE'],
    ['HEART', 'WATCH'],
  ]);
  expect(report.groups).toEqual({
    all: { kind: 'closed', members: ['CLIENT', 'SERVER', 'STORE'] },
    // STORE would answer a load that the new SERVER never asked for.
    front: {
      kind: 'open',
      members: ['CLIENT', 'SERVER'],
      event: 'load.0',
      inside: 'SERVER',
      outside: 'STORE',
      closure: ['CLIENT', 'SERVER', 'STORE'],
    },
    alarm: { kind: 'closed', members: ['HEART', 'WATCH'] },
    // A hidden event is shared all the same.
    watch: {
      kind: 'open',
      members: ['WATCH'],
      event: 'beat.0',
      inside: 'WATCH',
      outside: 'HEART',
      closure: ['HEART', 'WATCH'],
    },
  });
});

test('what a restart does to the others: to a closed group nothing, to an open one a deadlock', () => {
  const source = `${SHOP}
channel restart
again(P) = P /\\ (restart -> P)
BEFORE = SYSTEM \\ {| seen |}
AFTER = (BACK ||| again(ALARM)) \\ {| seen, restart |}
assert BEFORE [T= AFTER
assert AFTER [T= BEFORE
assert FRONT [F= (CLIENT [| {| ask, answer |} |] again(SERVER)) \\ {restart}
`;
  const { assertions, diagnostics } = check(source, { file: 'shop.csp', now: () => 0 });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(assertions.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'fails']);
  expect(judged(SHOP, 'FRONT', { server: ['SERVER'] }).groups.server!.kind).toBe('open');
});

test('interleaving shares nothing, even under one name', () => {
  expect(judged(SHOP, 'CLASH', { alarm: ['HEART', 'WATCH'] }).groups.alarm!.kind).toBe('closed');
  const twice = judged('channel a\nP = a -> P\nSYSTEM = P ||| P', 'SYSTEM', { one: ['P#2'], both: ['P'] });
  expect(twice.components).toEqual(['P', 'P#2']);
  expect(twice.groups.one!.kind).toBe('closed');
  const together = judged('channel a\nP = a -> P\nSYSTEM = P [| {a} |] P', 'SYSTEM', { one: ['P#2'] });
  expect(together.groups.one).toMatchObject({ kind: 'open', event: 'a', inside: 'P#2', outside: 'P' });
});

test('an event that only one side can ever perform is not shared', () => {
  const source = 'channel a, b\nP = a -> P\nQ = b -> Q\nSYSTEM = P [| {a, b} |] Q';
  expect(judged(source, 'SYSTEM', { p: ['P'] }).groups.p!.kind).toBe('closed'); // Both are blocked, alone.
});

test('philosophers and forks: a definition names all its components, and only the whole table is closed', () => {
  const report = judged(readFileSync('models/philosophers.csp', 'utf8'), 'TABLE', { forks: ['FORK'] });
  expect(report.smallest.length).toBe(1);
  expect(report.groups.forks).toMatchObject({ kind: 'open', closure: report.components });
});

test('refused: no such process or component, a script that is ill-formed, a component without end', () => {
  const refused = (source: string, system: string, groups: Record<string, string[]> = {}) => {
    const report = restartGroups(source, { system, groups, stateCountMax: 1000 });
    return report.kind === 'refused' ? report.message : 'judged';
  };
  expect(refused(SHOP, 'NOBODY')).toContain('no process NOBODY');
  expect(refused(SHOP, 'SYSTEM', { g: ['SERVRE'] })).toContain('no component is called SERVRE; there are CLIENT');
  expect(refused('P = ', 'P')).not.toBe('judged');
  expect(refused('channel a, b\nP(n) = a -> P(n+1)\nQ = b -> Q\nSYSTEM = P(0) ||| Q', 'SYSTEM')).toContain('limit');
});
