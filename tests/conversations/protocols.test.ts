import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newFolder, openPlatform, type TestPlatform } from './platform.ts';

const { folder, remove } = newFolder();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform(folder, { verificationTimeoutMs: 1500, verificationMemoryMb: 192 });
});
afterAll(async () => {
  await platform.stop();
  remove();
});

const HELLO = `--@ conversation HELLO roles alice, bob
datatype Role = alice | bob
channel hello : Role.Role
HELLO = hello.alice.bob -> hello.bob.alice -> SKIP
assert HELLO :[has trace [T]]: <hello.alice.bob, hello.bob.alice>
`;

/** Both wait for the other one to speak first. */
const STUCK = `--@ conversation STUCK roles alice, bob
datatype Role = alice | bob
channel hello : Role.Role
ALICE = hello.bob.alice -> hello.alice.bob -> SKIP
BOB = hello.alice.bob -> hello.bob.alice -> SKIP
STUCK = ALICE [| {| hello |} |] BOB
`;

async function define(source: string, name = 'p') {
  return platform.run('protocols.define', { name, source });
}

describe('define', () => {
  test('keeps the script and takes system and roles from it', async () => {
    const body = await define(HELLO, 'hello');
    expect(body).toMatchObject({
      name: 'hello',
      status: 'defined',
      system: 'HELLO',
      roles: ['alice', 'bob'],
      diagnostics: [],
    });
    expect(await platform.run('protocols.get', { protocol_id: body.protocol_id })).toMatchObject({ source: HELLO });
  });

  test('keeps an ill-formed script with its diagnostics', async () => {
    const body = await define('--@ conversation P roles a\nchannel a\nP = a -> -> STOP\n');
    expect(body.status).toBe('ill-formed');
    expect(body.diagnostics[0]).toMatchObject({ severity: 'error', line: 3 });
    const verdict = await platform.run('protocols.verify', { protocol_id: body.protocol_id });
    expect(verdict).toMatchObject({ status: 'ill-formed', verdict: 'fails' });
  });

  test('asks who takes part, and that they can be told apart', async () => {
    const source = 'channel a : {0}\nP = a.0 -> SKIP\n';
    const named = (roles?: string[]) =>
      platform.run('protocols.define', { name: 'p', source, system: 'P', ...(roles && { roles }) });
    expect((await named()).diagnostics[0]).toMatchObject({ code: 'CSP-PRO-001' });
    expect((await named(['a', 'a'])).diagnostics[0]).toMatchObject({ code: 'CSP-PRO-004' });
    expect((await named(['environment'])).diagnostics[0]).toMatchObject({ code: 'CSP-PRO-004' });
  });

  test('asks which process is the conversation', async () => {
    expect((await define('channel a\nP = a -> STOP\n')).diagnostics[0]).toMatchObject({ code: 'CSP-PRO-001' });
    expect((await define('--@ conversation Q roles a\nchannel a\nP = a -> STOP\n')).diagnostics[0]).toMatchObject({
      code: 'CSP-PRO-002',
    });
  });
});

describe('verify', () => {
  test('a good protocol holds', async () => {
    const { protocol_id } = await define(HELLO);
    const verdict = await platform.run('protocols.verify', { protocol_id });
    expect(verdict).toMatchObject({ status: 'verified', verdict: 'holds' });
    expect(
      verdict.assertions.map((one: { verdict: string; obligation: boolean }) => [one.verdict, one.obligation]),
    ).toEqual([
      ['holds', false],
      ['holds', true],
      ['holds', true],
    ]);
  });

  async function pageOf(protocol_id: string): Promise<string> {
    const page = platform.platform.catalog.pages().find(({ path }) => path === '/protocols/{protocol_id}')!;
    const caller = { principal: { id: 'tester', roles: [] }, signal: new AbortController().signal, requestId: 'test' };
    return (await page.render({ protocol_id }, caller)).body.text;
  }

  test('a deadlock is refuted with its trace', async () => {
    const heard = platform.listen('protocol_events');
    const { protocol_id } = await define(STUCK);
    const verdict = await platform.run('protocols.verify', { protocol_id });
    expect(verdict).toMatchObject({ status: 'refuted', verdict: 'fails' });
    expect(verdict.assertions[0]).toMatchObject({
      obligation: true,
      verdict: 'fails',
      counterexample: { kind: 'deadlock', trace: [] },
    });
    expect(heard.map(({ data }) => (data as { status: string }).status)).toEqual(['defined', 'refuted']);
  });

  test('a refutation says who waits for whom, and so does its page', async () => {
    const { protocol_id } = await define(`--@ conversation CROSSED roles alice, bob
datatype Role = alice | bob
channel ask, answer : Role.Role
ALICE = ask.alice.bob -> answer.bob.alice -> SKIP
BOB = ask.alice.bob -> ask.bob.alice -> answer.bob.alice -> SKIP
CROSSED = ALICE [| {ask.alice.bob, ask.bob.alice, answer.bob.alice} |] BOB
`);
    await platform.run('protocols.verify', { protocol_id });
    const { verification } = await platform.run('protocols.get', { protocol_id });
    const [found] = verification.assertions;
    expect(found.explanation[0]).toBe('After ⟨ask.alice.bob⟩ nothing more can happen: deadlock.');
    expect(found.explanation).toContain('ALICE offers answer.bob.alice, which BOB refuses.');
    expect(found.counterexample).toMatchObject({
      steps: [{ event: 'ask.alice.bob', participants: [0, 1] }],
      components: [
        { name: 'ALICE', trace: ['ask.alice.bob'], offers: ['answer.bob.alice'], terminated: false },
        { name: 'BOB', trace: ['ask.alice.bob'], offers: ['ask.bob.alice'], place: { line: 5 } },
      ],
      blocked: [
        { event: 'answer.bob.alice', offeredBy: [0], refusedBy: [1] },
        { event: 'ask.bob.alice', offeredBy: [1], refusedBy: [] },
      ],
    });
    const page = await pageOf(protocol_id);
    expect(page).toContain('ALICE offers answer.bob.alice, which BOB refuses.');
    expect(page).toContain('●');
    expect(page).toContain('What each of them sees');
    expect(page).not.toContain('τ');
  });

  test('what nobody outside sees is in the chart, and explained beside it', async () => {
    const { protocol_id } = await define(`--@ conversation HUSHED roles alice, bob
datatype Role = alice | bob
channel ask, nod : Role.Role
ALICE = ask.alice.bob -> nod.alice.bob -> ask.bob.alice -> SKIP
BOB = ask.alice.bob -> nod.alice.bob -> STOP
HUSHED = (ALICE [| {| ask, nod |} |] BOB) \\ {| nod |}
`);
    await platform.run('protocols.verify', { protocol_id });
    const page = await pageOf(protocol_id);
    expect(page).toContain('τ (nod.alice.bob)');
    expect(page.match(/τ: a step that nobody outside sees/g)).toHaveLength(1);
  });

  test('an assertion of the script that fails refutes it', async () => {
    const { protocol_id } = await define(`${HELLO}assert HELLO :[has trace [T]]: <hello.bob.alice>\n`);
    expect(await platform.run('protocols.verify', { protocol_id })).toMatchObject({ status: 'refuted' });
  });

  test('a conversation that talks to itself for ever is refuted', async () => {
    const loop =
      HELLO.replace('-> SKIP', '-> LOOP').replace(/assert.*/, '') +
      'channel tick_tock\nLOOP = (let L = tick_tock -> L within L) \\ {tick_tock}\n';
    const { protocol_id } = await define(loop);
    const verdict = await platform.run('protocols.verify', { protocol_id });
    expect(
      verdict.assertions.some(
        (one: { verdict: string; counterexample?: { kind: string } }) => one.counterexample?.kind === 'divergence',
      ),
    ).toBe(true);
  });

  test('what cannot be decided in time is unknown, never holds; and the server lives on', async () => {
    const endless = `--@ conversation COUNT roles alice
datatype Role = alice
channel up : Role
COUNT = let C(n) = up.alice -> C(n + 1) within C(0)
`;
    const { protocol_id } = await define(endless);
    let beats = 0;
    const pulse = setInterval(() => beats++, 20);
    const verdict = await platform.run('protocols.verify', { protocol_id });
    clearInterval(pulse);
    expect(verdict).toMatchObject({ status: 'unknown', verdict: 'unknown' });
    // The event loop kept turning while the script was examined.
    expect(beats).toBeGreaterThan(10);
    expect(await platform.fault('conversations.start', { protocol_id })).toMatchObject({
      code: 'CSP-CNV-005',
      kind: 'unprocessable',
    });
    const { protocol_id: next } = await define(HELLO);
    expect(await platform.run('protocols.verify', { protocol_id: next })).toMatchObject({ status: 'verified' });
  });

  test('a script that never comes to its end while it is loaded is ended', async () => {
    const body = await define(
      '--@ conversation P roles a\ndatatype Role = a\nchannel c : Role\nspin(n) = spin(n + 1)\nP = if spin(0) == 1 then c.a -> SKIP else SKIP\n',
    );
    const verdict = await platform.run('protocols.verify', { protocol_id: body.protocol_id });
    expect(verdict.verdict).not.toBe('holds');
    expect(await define(HELLO)).toMatchObject({ status: 'defined' });
  });
});

test('unknown protocols are said to be unknown', async () => {
  expect(await platform.fault('protocols.get', { protocol_id: 'prot_none' })).toMatchObject({ code: 'CSP-CNV-001' });
  expect(await platform.fault('protocols.verify', { protocol_id: 'prot_none' })).toMatchObject({ code: 'CSP-CNV-001' });
});

test('lists by status', async () => {
  const { protocols, total } = await platform.run('protocols.list', { status: 'verified', limit: 1 });
  expect(protocols).toHaveLength(1);
  expect(total).toBeGreaterThan(1);
});

test('only what is verified may be talked', async () => {
  const defined = await define(HELLO);
  const fault = await platform.fault('conversations.start', { protocol_id: defined.protocol_id });
  expect(fault).toMatchObject({ code: 'CSP-CNV-005', details: { status: 'defined' } });
  const stuck = await define(STUCK);
  await platform.run('protocols.verify', { protocol_id: stuck.protocol_id });
  expect(await platform.fault('conversations.start', { protocol_id: stuck.protocol_id })).toMatchObject({
    code: 'CSP-CNV-005',
    details: { status: 'refuted', assertions: [{ verdict: 'fails' }] },
  });
});
