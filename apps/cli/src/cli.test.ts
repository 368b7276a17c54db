import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '@enhanced-csp/engine';
import { afterAll, describe, expect, test } from 'vitest';
import { commandIn } from './command.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const csp = commandIn({});

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

  test('--dialect fdr2 reads scripts from before the type checker', async () => {
    const old = script(
      'old.csp',
      'channel c : {0..1}\nmixed = {0, true}\nP = c?x -> P\nassert P :[deadlock free [F]]\n',
    );
    expect((await csp('check', old)).exitCode).toBe(5);
    const { out, exitCode } = await csp('check', old, '--dialect', 'fdr2', '--json');
    const report = JSON.parse(out) as Report;
    expect(report.diagnostics.map(({ severity }) => severity)).toEqual(['warning']);
    expect(report.assertions.map(({ verdict }) => verdict)).toEqual(['holds']);
    expect(exitCode).toBe(0);
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

describe('csp check --sarif', () => {
  interface Log {
    readonly version: string;
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly kind: string;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly {
          readonly physicalLocation: {
            readonly artifactLocation: { readonly uri: string };
            readonly region: Readonly<Record<string, number>>;
          };
        }[];
        readonly codeFlows?: readonly { readonly threadFlows: readonly { readonly locations: readonly unknown[] }[] }[];
      }[];
    }[];
  }

  async function sarif(...args: string[]): Promise<{ exitCode: number; log: Log }> {
    const { out, exitCode } = await csp('check', ...args, '--sarif');
    return { exitCode, log: JSON.parse(out) as Log };
  }

  /** What the standard demands of any log, sections 3.13 to 3.54. */
  function structure(log: Log): void {
    expect(log.version).toBe('2.1.0');
    for (const { tool, results } of log.runs) {
      expect(tool.driver.name).not.toBe('');
      const ids = tool.driver.rules.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { ruleId, ruleIndex, kind, level, message, locations } of results) {
        expect(ids[ruleIndex]).toBe(ruleId);
        expect(message.text).not.toBe('');
        expect(['none', 'note', 'warning', 'error']).toContain(level);
        // Section 3.27.10: a result of another kind than fail has the level none.
        if (kind !== 'fail') expect(level).toBe('none');
        for (const { physicalLocation } of locations) {
          expect(physicalLocation.artifactLocation.uri).toMatch(/^(file:\/\/\/)?[\w.~%/-]+$/);
          const { startLine, startColumn, endLine, endColumn } = physicalLocation.region;
          expect(startLine).toBeGreaterThanOrEqual(1);
          expect(startColumn).toBeGreaterThanOrEqual(1);
          expect(endLine!).toBeGreaterThanOrEqual(startLine!);
          if (endLine === startLine) expect(endColumn!).toBeGreaterThanOrEqual(startColumn!);
        }
      }
    }
  }

  test('a failed assertion is a result at its line, with a code flow; what holds is none', async () => {
    const path = script(
      'two words.csp',
      'channel a\nP = a -> P\nassert P :[deadlock free [F]]\nassert STOP [T= P\nassert P [| {a} |] a -> STOP :[deadlock free [F]]\n',
    );
    const { log, exitCode } = await sarif(path);
    structure(log);
    expect(exitCode).toBe(1);
    const [{ results }] = log.runs as [Log['runs'][number]];
    expect(results.map(({ ruleId, locations }) => [ruleId, locations[0]!.physicalLocation.region.startLine])).toEqual([
      ['assertion-fails', 4],
      ['assertion-fails', 5],
    ]);
    expect(results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toContain('two%20words.csp');
    expect(results[1]!.codeFlows![0]!.threadFlows[0]!.locations).toHaveLength(1);
  });

  test('a diagnostic is a result with its code, and the code is a rule', async () => {
    const { log, exitCode } = await sarif(script('wrong.csp', 'channel a\nP = a -> \n'));
    structure(log);
    expect(exitCode).toBe(5);
    expect(log.runs[0]!.results[0]).toMatchObject({ kind: 'fail', level: 'error' });
    expect(log.runs[0]!.tool.driver.rules[0]).toMatchObject({ shortDescription: { text: expect.any(String) } });
  });

  test('what is undecided is open', async () => {
    const path = script('up.csp', 'channel up\nC(n) = up -> C(n + 1)\nassert C(0) :[deadlock free [F]]\n');
    const { log, exitCode } = await sarif(path, '--max-states', '100');
    structure(log);
    expect(exitCode).toBe(8);
    expect(log.runs[0]!.results[0]).toMatchObject({ kind: 'open', ruleId: 'assertion-undecided' });
  });

  test('--format says the same, and formats may not contradict each other', async () => {
    const path = script('format.csp', 'channel a\nassert STOP [T= a -> STOP\n');
    const without = (text: string) => text.replace(/"milliseconds":[\d.]+/g, '');
    expect(JSON.parse((await csp('check', path, '--format', 'sarif')).out)).toEqual((await sarif(path)).log);
    expect(without((await csp('check', path, '--format', 'json')).out)).toBe(
      without((await csp('check', path, '--json')).out),
    );
    expect((await csp('check', path, '--json', '--sarif')).exitCode).toBe(2);
  });
});

describe('csp explain', () => {
  test('--shrink tells the least data for which it fails, and the counterexample with it', async () => {
    const path = script(
      'least.csp',
      'N = 5\nchannel c : {0..N}\nP = c?x -> if x > 1 then STOP else P\nassert P :[deadlock free [F]]\n',
    );
    const { out, exitCode } = await csp('explain', path, '--shrink');
    expect(exitCode).toBe(1);
    expect(out).toContain('It fails already with N = 2 (given: 5); none of them can be made smaller alone; 4 checks.');
    expect(out).toContain('After ⟨c.2⟩ nothing more can happen');
    const { assertions } = JSON.parse((await csp('explain', path, '--shrink', '--json')).out) as Report;
    expect(assertions[0]?.shrunk).toMatchObject({ complete: true, assertion: { counterexample: { trace: ['c.2'] } } });
    const holding = script('holding.csp', 'N = 5\nchannel c : {0..N}\nassert c?x -> STOP [T= c.1 -> STOP\n');
    expect((await csp('explain', holding, '--shrink')).exitCode).toBe(0);
  });

  const source =
    'channel a, b\nLEFT = a -> b -> LEFT\nRIGHT = b -> a -> RIGHT\nassert LEFT :[divergence free]\nassert LEFT [| {a, b} |] RIGHT :[deadlock free [F]]\n';

  test('tells who waits for whom, and what each component sees', async () => {
    const { out, exitCode } = await csp('explain', script('crossed.csp', source));
    expect(exitCode).toBe(1);
    expect(out).toContain('Each waits for the next: LEFT → RIGHT → LEFT.');
    expect(out).toMatch(
      /RIGHT\n {4}did {4}⟨⟩\n {4}is {5}RIGHT\n {4}then {3}can do b\n {4}in {5}RIGHT {2}.*crossed\.csp:3/,
    );
  });

  test('--assert chooses, and alone is decided; one that is not there: 3', async () => {
    const path = script('crossed.csp', source);
    const first = await csp('explain', path, '--assert', '1', '--json');
    expect(first.exitCode).toBe(0);
    expect((JSON.parse(first.out) as Report).assertions.map(({ line }) => line)).toEqual([4]);
    expect((await csp('explain', path, '--assert', '2')).exitCode).toBe(1);
    expect((await csp('explain', path, '--assert', '3')).exitCode).toBe(3);
    expect((await csp('explain', path, '--assert', '0')).exitCode).toBe(2);
  });

  test('hidden events are named in the chart', async () => {
    const { out } = await csp('explain', 'models/negotiation.csp', '--assert', '5');
    expect(out).toMatch(/●─+● +τ \(offer\.broker\.seller\.5\)/);
  });
});

describe('csp replay', () => {
  const source = `
    channel a, b, c
    P = a -> (b -> P |~| c -> P)
    assert STOP [T= P
    assert P :[deterministic [F]]
    assert P [F= P |~| STOP
    assert P \\ {a, b, c} :[divergence free]
    assert P [| {b, c} |] STOP :[deadlock free [F]]
    assert P :[has trace [T]]: <a, a>
  `;

  test('what check reports is valid, of every kind', async () => {
    const path = script('kinds.csp', source);
    const report = (await csp('check', path, '--json')).out;
    const kinds = (JSON.parse(report) as Report).assertions.map(({ counterexample }) => counterexample?.kind);
    expect(kinds).toEqual(['trace', 'nondeterminism', 'refusal', 'divergence', 'deadlock', 'missing trace']);
    const { out, exitCode } = await csp('replay', path, script('kinds.json', report));
    expect(exitCode).toBe(0);
    expect(out.match(/✓ valid/g)).toHaveLength(6);
  });

  test('a counterexample that was altered is not valid, and one of another script is not', async () => {
    const path = script('kinds.csp', source);
    const report = (await csp('check', path, '--json')).out;
    const altered = report.replace('"trace":[],"event":"a"', '"trace":[],"event":"b"');
    expect(altered).not.toBe(report);
    const { out, exitCode } = await csp('replay', path, script('altered.json', altered));
    expect(exitCode).toBe(1);
    expect(out.match(/✗ not valid/g)).toHaveLength(1);
    const repaired = script('repaired.csp', source.replace('b -> P |~| c -> P', 'a -> P'));
    expect((await csp('replay', repaired, script('kinds.json', report))).exitCode).toBe(1);
  });

  test('no report: 5; no such file: 3', async () => {
    const path = script('kinds.csp', source);
    expect((await csp('replay', path, script('not.json', 'hello'))).exitCode).toBe(5);
    expect((await csp('replay', path, script('other.json', '{"assertions":[{"line":1}]}'))).exitCode).toBe(5);
    expect((await csp('replay', path, join(folder, 'none.json'))).exitCode).toBe(3);
  });
});

describe('csp draw', () => {
  test('the conversation of a script, as a network', async () => {
    const { out, exitCode } = await csp('draw', 'models/negotiation.csp');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^<svg /);
    expect(out).toContain('The network of DEAL</title>');
  });

  test('a process of one component, as its states, into a file', async () => {
    const target = join(folder, 'fork.dot');
    const { out, exitCode } = await csp(
      'draw',
      'models/philosophers.csp',
      'FORK(0)',
      '--format',
      'dot',
      '--output',
      target,
    );
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 0 });
    expect(readFileSync(target, 'utf8')).toContain('0 -> 1 [label="picks.0.0"]');
  });

  test('a wrong expression or script: 5; no file: 3; nowhere to write: 7', async () => {
    expect((await csp('draw', 'models/philosophers.csp', 'FORK(')).exitCode).toBe(5);
    expect((await csp('draw', 'models/philosophers.csp', 'N')).exitCode).toBe(5);
    expect((await csp('draw', script('wrong.csp', 'P = '))).exitCode).toBe(5);
    expect((await csp('draw', join(folder, 'none.csp'))).exitCode).toBe(3);
    expect(
      (await csp('draw', 'models/philosophers.csp', '--output', join(folder, 'no/such/folder.svg'))).exitCode,
    ).toBe(7);
  });
});

test('csp eval prints values as CSPM', async () => {
  const path = 'models/philosophers.csp';
  expect((await csp('eval', path, 'next(4)')).out).toBe('0\n');
  expect((await csp('eval', path, '{next(i) | i <- Seat, i > 2}')).out).toBe('{0, 4}\n');
  expect((await csp('eval', path, '<picks.0.1, thinks.2>')).out).toBe('<picks.0.1, thinks.2>\n');
  expect((await csp('eval', 'models/milner-scheduler.csp', 'STOP')).out).toBe('STOP\n');
  expect((await csp('eval', path, 'FORK(1)')).out).toBe(
    'FORK(1)\nFORK(1) = (picks.0.1 -> puts.0.1 -> FORK(1) [] picks.1.1 -> puts.1.1 -> FORK(1))\n',
  );
  expect((await csp('eval', path, 'head(<>)')).exitCode).toBe(5);
  expect((await csp('eval', path, '1 +')).exitCode).toBe(5);
});

test('csp check prints what the script prints, and says where it cannot', async () => {
  const path = script('prints.csp', 'print 1 + 2\nprint   <1..3>\nprint head(<>)\n');
  const { out, exitCode } = await csp('check', path);
  expect(out).toContain('1 + 2 = 3\n<1..3> = <1, 2, 3>\n');
  expect(out).toContain('head(<>)');
  expect(exitCode).toBe(5);
  const { prints } = JSON.parse((await csp('check', '--json', path)).out) as Report;
  expect(prints?.map(({ line, value }) => [line, value])).toEqual([
    [1, '3'],
    [2, '<1, 2, 3>'],
    [3, undefined],
  ]);
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

  test('observed only, the rogue has its way, and the audit says so; in quarantine it is out', async () => {
    const rogue = ['--agents', 'models/negotiation.agents.ts#withRogue', '--log', log, '--mode'] as const;
    const observed = await csp('run', 'models/negotiation.csp', ...rogue, 'observe');
    expect(observed.exitCode).toBe(1);
    expect(observed.out).toMatch(/^! pay\.buyer\.seller\.5/m);
    const audited = await csp('audit', log);
    expect(audited.exitCode).toBe(1);
    expect(audited.out).toContain('pay.buyer.seller.5 was delivered from seller (not yours), which was only observed');
    const { exitCode, out } = await csp('run', 'models/negotiation.csp', ...rogue, 'quarantine');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/✗ pay\.buyer\.seller\.5.*\n {2}seller is in quarantine\n✓ crash\.seller/);
    expect((await csp('audit', log)).exitCode).toBe(0);
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

describe('csp project', () => {
  test('a protocol that its roles can keep to by themselves, and one that they cannot', async () => {
    const request = await csp('project', 'models/request.csp');
    expect(request.exitCode).toBe(0);
    expect(request.out).toMatch(/^realizable:.*\n {2}initiator: 4 situations/);
    const order = script(
      'order.csp',
      '--@ conversation P roles a, b, c\ndatatype R = a | b | c\nchannel m : R.R\nP = m.a.b -> m.c.b -> m.b.c -> SKIP\n',
    );
    const { exitCode, out } = await csp('project', order, '--json');
    expect(exitCode).toBe(0); // b has heard a first, and refuses c until then.
    expect(JSON.parse(out)).toMatchObject({ kind: 'realizable', roles: [{ role: 'a' }, { role: 'b' }, { role: 'c' }] });
    const negotiation = await csp('project', 'models/negotiation.csp', '--json');
    expect(negotiation.exitCode).toBe(1);
    expect(JSON.parse(negotiation.out)).toMatchObject({ kind: 'unrealizable', event: 'withdraw.broker.seller' });
    expect((await csp('project', 'models/negotiation.csp', '--notices')).exitCode).toBe(0);
  });

  test('what one role sees is a script, and the checker agrees that it is the projection', async () => {
    const model = script('request.csp', readFileSync('models/request.csp', 'utf8'));
    const local = join(folder, 'participant.csp');
    expect((await csp('project', model, 'participant', '--output', local)).exitCode).toBe(0);
    const { out, exitCode } = await csp('check', local);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/✓ holds +REQUEST \|\\ seen_participant \[T= AT_participant\(0\)/);
    expect(out).toMatch(/✓ holds +AT_participant\(0\) \[T= REQUEST/);
  });

  test('no such role: 3; limits: 8', async () => {
    expect((await csp('project', 'models/request.csp', 'mallory')).exitCode).toBe(3);
    expect((await csp('project', 'models/negotiation.csp', '--max-states', '5')).exitCode).toBe(8);
  });
});

describe('csp init, status, doctor', () => {
  test('what init writes checks', async () => {
    const target = join(folder, 'project');
    expect((await csp('init', target)).exitCode).toBe(0);
    expect((await csp('check', join(target, 'protocols/handshake.csp'))).exitCode).toBe(0);
    expect((await csp('run', join(target, 'protocols/handshake.csp'))).exitCode).toBe(0);
    expect((await csp('init', target)).exitCode).toBe(4);
    const greeter = join(folder, 'greeter');
    expect((await csp('init', '--template', 'module', greeter)).err).toContain(`modules: [${greeter}], then csp start`);
    const file = await csp('init', join(script('a-file', ''), 'below'));
    expect([file.exitCode, file.err]).toEqual([7, expect.stringContaining('cannot write ')]);
  });

  test('status says 6 when nobody answers', async () => {
    expect((await csp('status', '--url', 'http://127.0.0.1:9')).exitCode).toBe(6);
  });

  test('doctor looks at everything a platform needs', async () => {
    const { out, exitCode } = await csp('doctor', '--json', '--port', '0', '--data', join(folder, 'data'));
    const { findings } = JSON.parse(out) as { findings: { name: string; healthy?: boolean }[] };
    expect(findings.map(({ name, healthy }) => [name, healthy])).toEqual([
      ['configuration', true],
      ['node', true],
      ['checker', true],
      ['data', true],
      ['database', true],
      ['redis', true],
      ['api', true],
      ['ai hub', undefined],
      ['quantum', undefined],
      ['blockchain', undefined],
    ]);
    expect(exitCode).toBe(0);
  });

  test('doctor names what is broken, with the next step, and no password', async () => {
    const odd = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => odd.once('listening', resolve));
    const { port } = odd.address() as { port: number };
    const config = script(
      'broken.yaml',
      `port: ${port}\ndata_dir: ${join(script('a-file', ''), 'below')}\ndatabase: { url: 'postgresql://u:k4n4r1e@127.0.0.1:1/d' }\nredis: { url: 'redis://u:k4n4r1e@127.0.0.1:${port}' }\n`,
    );
    const { out, exitCode } = await csp('doctor', '--json', '--config', config);
    odd.close();
    const { findings } = JSON.parse(out) as { findings: { name: string; healthy?: boolean; next?: string }[] };
    const broken = findings.filter(({ healthy }) => healthy === false);
    expect(broken.map(({ name }) => name)).toEqual(['data', 'database', 'redis', 'api']);
    for (const { name, next } of broken) expect(next, name).toBeDefined();
    expect(out).not.toContain('k4n4r1e');
    expect(exitCode).toBe(1);
    const mistaken = await csp('doctor', '--config', script('mistaken.yaml', 'prot: 1\n'));
    expect([mistaken.exitCode, mistaken.out]).toEqual([1, expect.stringContaining('mistaken.yaml:1:1')]);
  });
});

test('profile needs a command', async () => {
  expect(await csp('profile')).toMatchObject({ exitCode: 2, err: expect.stringContaining('csp profile -- check') });
});

test('an unknown command names the nearest one', async () => {
  const { err, exitCode } = await csp('chekc', 'x.csp');
  expect(exitCode).toBe(2);
  expect(err).toContain('check');
});
