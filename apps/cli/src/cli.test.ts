import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '@enhanced-csp/engine';
import { afterAll, describe, expect, test } from 'vitest';
import { run } from './app.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command in this process, with a host that keeps what is written. */
async function csp(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const host = {
    stdout: { write: (text: string) => void (written.out += text) },
    stderr: { write: (text: string) => void (written.err += text) },
    env: {},
    exitCode: undefined as number | undefined,
  };
  await run(args, host as unknown as NodeJS.Process);
  return { exitCode: Number(host.exitCode ?? 0), ...written };
}

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('csp check', () => {
  test('all hold: 0; one fails: 1; a wrong script: 5; no script: 3; no such flag: 2', async () => {
    const good = script('good.csp', 'channel a\nP = a -> P\nassert P :[deadlock free [F]]\n');
    const bad = script('bad.csp', 'channel a\nP = a -> STOP\nassert P :[deadlock free [F]]\n');
    const wrong = script('wrong.csp', 'channel a\nP = a -> \n');
    expect((await csp('check', good)).exitCode).toBe(0);
    expect((await csp('check', bad)).exitCode).toBe(1);
    expect((await csp('check', wrong)).exitCode).toBe(5);
    expect((await csp('check', join(folder, 'none.csp'))).exitCode).toBe(3);
    expect((await csp('check', good, '--no-such-flag')).exitCode).toBe(2);
  });

  test('--json is the documented contract', async () => {
    const path = script(
      'contract.csp',
      'channel a, b\nP = a -> b -> STOP\nassert not P :[deadlock free [F]]\nassert P [T= a -> a -> STOP\n',
    );
    const { out, exitCode } = await csp('check', path, '--json');
    const report = JSON.parse(out) as Report;
    expect(exitCode).toBe(1);
    expect(Object.keys(report)).toEqual(['file', 'diagnostics', 'assertions']);
    expect(report.file).toBe(path);
    expect(report.assertions.map(({ line, negated, verdict }) => ({ line, negated, verdict }))).toEqual([
      { line: 3, negated: true, verdict: 'holds' },
      { line: 4, negated: false, verdict: 'fails' },
    ]);
    expect(report.assertions[0]?.counterexample?.trace).toEqual(['a', 'b']);
    expect(report.assertions[1]?.counterexample).toMatchObject({ kind: 'trace', trace: ['a'], event: 'a' });
    for (const { states, transitions, milliseconds } of report.assertions) {
      expect(states).toBeGreaterThan(0);
      expect(transitions).toBeGreaterThanOrEqual(0);
      expect(milliseconds).toBeGreaterThan(0);
    }
  });

  test('a diagnostic has code, place, message and, where there is one, the repair', async () => {
    const { out } = await csp('check', script('steps.csp', 'P = STOP -> SKIP\n'), '--json');
    const [diagnostic] = (JSON.parse(out) as Report).diagnostics;
    expect(diagnostic).toMatchObject({
      severity: 'error',
      line: 1,
      code: expect.stringMatching(/^CSP-[A-Z]{3}-\d{3}$/),
    });
    expect(diagnostic?.fix).toBeDefined();
  });

  test('--until stops after its phase', async () => {
    const untyped = script('untyped.csp', 'P = 1 + true\nassert P :[deadlock free [F]]\n');
    expect((await csp('check', untyped, '--until', 'parse')).exitCode).toBe(0);
    expect((await csp('check', untyped, '--until', 'types')).exitCode).toBe(5);
    const outOfRange = script('range.csp', 'channel c : {0..1}\nP = c!2 -> STOP\n');
    expect((await csp('check', outOfRange, '--until', 'types')).exitCode).toBe(0);
    expect((await csp('check', outOfRange)).exitCode).toBe(5);
  });

  test('what the limits leave undecided is unknown, and 8', async () => {
    const counter = script(
      'counter.csp',
      'channel up, down\nC(n) = up -> C(n + 1) [] n > 0 & down -> C(n - 1)\nassert C(0) :[deadlock free [F]]\n',
    );
    const { out, exitCode } = await csp('check', counter, '--json', '--max-states', '1000');
    expect((JSON.parse(out) as Report).assertions[0]?.verdict).toBe('unknown');
    expect(exitCode).toBe(8);
    const timed = await csp('check', counter, '--json', '--timeout', '0.2');
    expect((JSON.parse(timed.out) as Report).assertions[0]?.verdict).toBe('unknown');
    expect(timed.exitCode).toBe(8);
  });

  test('a counterexample is drawn', async () => {
    const { out } = await csp('check', 'models/philosophers.csp');
    expect(out).toContain('As expected: after ⟨thinks.0');
    expect(out).toMatch(/●─+.*● .*picks\.0\.0/);
  });
});

test('csp eval prints values as CSPM', async () => {
  const path = 'models/philosophers.csp';
  expect((await csp('eval', path, 'next(4)')).out).toBe('0\n');
  expect((await csp('eval', path, '{next(i) | i <- Seat, i > 2}')).out).toBe('{0, 4}\n');
  expect((await csp('eval', path, '<picks.0.1, thinks.2>')).out).toBe('<picks.0.1, thinks.2>\n');
  expect((await csp('eval', path, 'head(<>)')).exitCode).toBe(5);
  expect((await csp('eval', path, '1 +')).exitCode).toBe(5);
});

describe('csp run, csp audit', () => {
  const log = join(folder, 'deal.log');

  test('agents decide; the rogue is refused; the log passes; one flipped bit does not', async () => {
    const { out, exitCode } = await csp(
      'run',
      'models/negotiation.csp',
      '--agents',
      'models/negotiation.agents.ts#withRogue',
      '--log',
      log,
    );
    expect(exitCode).toBe(0);
    expect(out).toMatch(/✗ pay\.buyer\.seller\.5/);
    expect(out).toMatch(/✓ pay\.buyer\.seller\.4/);

    const key = /^key: (.*)$/m.exec(out)![1]!;
    const audited = await csp('audit', log, '--key', key);
    expect(audited.out).toContain('12 events accepted, 2 refused');
    expect(audited.exitCode).toBe(0);

    const bytes = readFileSync(log);
    bytes[Math.floor(bytes.length * 0.7)]! ^= 1;
    writeFileSync(join(folder, 'flipped.log'), bytes);
    expect((await csp('audit', join(folder, 'flipped.log'))).exitCode).toBe(1);
  });

  test('the same seed gives the same run, another seed another one', async () => {
    const trace = async (seed: string) =>
      JSON.stringify(JSON.parse((await csp('run', 'models/negotiation.csp', '--json', '--seed', seed)).out).attempts);
    expect(await trace('7')).toBe(await trace('7'));
    expect(new Set([await trace('1'), await trace('2'), await trace('3'), await trace('4')]).size).toBeGreaterThan(1);
  });

  test('what fails verification does not run', async () => {
    const stuck = script(
      'stuck.csp',
      '--@ conversation S roles a, b\ndatatype R = a | b\nchannel m : R.R\nS = m.a.b -> m.b.a -> STOP\n',
    );
    const { exitCode, err } = await csp('run', stuck);
    expect(exitCode).toBe(1);
    expect(err).toContain('does not run');
  });

  test('a script without a conversation says what is missing', async () => {
    const { exitCode, err } = await csp('run', script('plain.csp', 'channel a\nP = a -> P\n'));
    expect(exitCode).toBe(5);
    expect(err).toContain('--@ conversation');
  });

  test('no such log: 3; not a log: 1', async () => {
    expect((await csp('audit', join(folder, 'none.log'))).exitCode).toBe(3);
    expect((await csp('audit', script('not-a.log', 'hello\n'))).exitCode).toBe(1);
  });
});

describe('csp init, status, doctor', () => {
  test('what init writes checks', async () => {
    const target = join(folder, 'project');
    expect((await csp('init', target)).exitCode).toBe(0);
    expect((await csp('check', join(target, 'protocols/handshake.csp'))).exitCode).toBe(0);
    expect((await csp('run', join(target, 'protocols/handshake.csp'))).exitCode).toBe(0);
    expect((await csp('init', target)).exitCode).toBe(4);
  });

  test('status says 6 when nobody answers', async () => {
    expect((await csp('status', '--url', 'http://127.0.0.1:9')).exitCode).toBe(6);
  });

  test('doctor looks at everything a platform needs', async () => {
    const { out, exitCode } = await csp('doctor', '--json', '--port', '0', '--data', join(folder, 'data'));
    const { findings } = JSON.parse(out) as { findings: { name: string; healthy: boolean }[] };
    expect(findings.map((finding) => finding.name)).toEqual(['node', 'checker', 'data', 'database', 'port']);
    expect(exitCode).toBe(0);
  });
});

test('an unknown command names the nearest one', async () => {
  const { err, exitCode } = await csp('chekc', 'x.csp');
  expect(exitCode).toBe(2);
  expect(err).toContain('check');
});
