/** Commands about a running platform: found by flag, context or default; read by people and by programs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESCRIBED } from '@enhanced-csp/client/described';
import { type RunningServer, startServer } from '@enhanced-csp/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandIn } from './command.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-remote-'));
const env = { XDG_CONFIG_HOME: join(folder, 'config') };
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ folder, env: {}, flags: { port: 0 }, writeLog: () => {} });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const csp = commandIn(env);

const TALK = `--@ conversation TALK roles alice, bob
datatype Role = alice | bob
channel say : Role.Role
TALK = say.alice.bob -> TALK [] say.bob.alice -> TALK
`;
const json = async (...args: string[]) => JSON.parse((await csp(...args, '--json')).out);

describe('contexts', () => {
  test('added, used, listed, removed; an unknown one with the nearest', async () => {
    expect(await json('context', 'list')).toEqual({ contexts: [] });
    await csp('context', 'add', 'production', 'https://csp.example.org/');
    await csp('context', 'add', 'here', server.url);
    await csp('context', 'use', 'production');
    expect(await json('context', 'list')).toEqual({
      contexts: [
        { name: 'production', url: 'https://csp.example.org', current: true },
        { name: 'here', url: server.url, current: false },
      ],
    });
    const wrong = await csp('context', 'use', 'prodction');
    expect([wrong.exitCode, wrong.err]).toEqual([3, expect.stringContaining('did you mean production?')]);
    expect((await csp('context', 'add', 'x', 'http://')).exitCode).toBe(2);
    expect((await csp('context', 'remove', 'production')).exitCode).toBe(0);
    await csp('context', 'use', 'here');
  });

  test('below a place where nothing can be made it is said, at once', async () => {
    const program = `import { writeContexts } from ${JSON.stringify(import.meta.resolve('./contexts.ts'))};
await writeContexts({ XDG_CONFIG_HOME: '/proc/x' }, { contexts: {} }).catch(({ message }) => console.log(message));`;
    // In a process of its own: Node's own way would never come back, and no time limit of a test interrupts that.
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      timeout: 60_000,
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^cannot write \/proc\/x\/csp\/contexts\.json: ENOENT.* XDG_CONFIG_HOME names another folder/,
      ),
    ]);
  });

  test('a damaged file is said, not overwritten', async () => {
    const file = join(env.XDG_CONFIG_HOME, 'csp/contexts.json');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, '{ "contexts": { "a": 5 } }');
    expect(await csp('context', 'list')).toMatchObject({ exitCode: 5, err: expect.stringContaining('contexts.json') });
    expect(readFileSync(file, 'utf8')).toBe('{ "contexts": { "a": 5 } }');
    writeFileSync(file, text);
  });
});

describe('operations', () => {
  test('every operation of the interface is a command, whose help begins with an example', async () => {
    const help = (await csp('--help')).out;
    for (const id of Object.keys(DESCRIBED)) {
      const [group = '', verb = ''] = id.split('.');
      expect(help, id).toMatch(new RegExp(`csp ${group} .*(${verb}|--url)`));
    }
    expect((await csp('processes', 'start', '--help')).out).toContain('  csp processes start PROCESS_ID');
  });

  test.each(['processes create', 'channels create'])(
    'the first example of csp %s --help runs as it stands',
    async (words) => {
      const [line = ''] =
        (await csp(...words.split(' '), '--help')).out.match(/^ {2}csp .* --name (?!value).*$/m) ?? [];
      // As a shell would read it.
      const args = execFileSync('sh', ['-c', `printf '%s\\n' ${line.trim().slice('csp '.length)}`], {
        encoding: 'utf8',
      });
      const { exitCode, out, err } = await csp(...args.trimEnd().split('\n'));
      expect([exitCode, err]).toEqual([0, '']);
      const [id = ''] = out.match(/(proc|chan)_\w+/) ?? [];
      expect((await csp(words.split(' ')[0] as string, 'delete', id)).exitCode).toBe(0);
    },
  );

  test('a refusal of a platform comes with its code and its next step', async () => {
    const { exitCode, err } = await csp('protocols', 'verify', 'prot_none');
    expect([exitCode, err]).toEqual([3, expect.stringMatching(/^csp: CSP-CNV-001 .*\n {2}next: .+\.\n$/)]);
  });

  test('made, listed as a table, read as JSON, deleted; groups also in the singular', async () => {
    const definition = JSON.stringify({ inputs: ['a'], behavior: 'a?x -> SKIP' });
    const { process_id } = await json('process', 'create', '--name', 'echo', '--definition', definition);
    expect((await csp('processes', 'list')).out).toMatch(
      /process_id +name +type +status\nproc_\w+ +echo +atomic +created\n/,
    );
    expect(await json('processes', 'list', '--status', 'created')).toMatchObject({ total: 1 });
    expect((await csp('processes', 'get', process_id)).out).toMatch(/verdict +well-formed/);
    expect((await csp('processes', 'delete', process_id)).exitCode).toBe(0);
    expect(await csp('processes', 'get', process_id)).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('CSP-'),
    });
  });

  test('a value or the whole body comes from a file', async () => {
    const file = join(folder, 'p.csp');
    writeFileSync(file, 'channel a\nP = a -> P\nassert P :[deadlock free [F]]\n');
    const { protocol_id } = await json('protocols', 'define', '--name', 'p', '--source', `@${file}`);
    expect(await json('protocols', 'get', protocol_id)).toMatchObject({ source: readFileSync(file, 'utf8') });
    writeFileSync(file, '{ "name": "c", "type": "buffered", "buffer_size": 3 }');
    expect(await json('channels', 'create', '--input', `@${file}`, '--security-level', 'high')).toMatchObject({
      type: 'buffered',
      security_level: 'high',
    });
  });

  test('what is wrong: missing, no JSON, no such value, refused by the platform; each with its exit status', async () => {
    expect(await csp('processes', 'create', '--definition', '{}')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('needs --name'),
    });
    expect(await csp('processes', 'create', '--name', 'x')).toMatchObject({
      exitCode: 5,
      err: expect.stringContaining('/definition: a process that is atomic has one'),
    });
    expect((await csp('processes', 'create', '--name', 'x', '--definition', '{')).exitCode).toBe(2);
    expect((await csp('processes', 'list', '--status', 'asleep')).exitCode).toBe(2);
    expect(await csp('processes', 'list', '--limit', '0')).toMatchObject({
      exitCode: 5,
      err: expect.stringMatching(/CSP-GTW-001 .*\n {2}\/limit: /),
    });
    expect(await csp('status', '--url', 'http://127.0.0.1:1')).toMatchObject({
      exitCode: 6,
      err: expect.stringContaining('nobody answers at http://127.0.0.1:1'),
    });
    expect(await csp('procesess', 'list')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('did you mean `processes`?'),
    });
  });

  test('metrics, top, status and the documents', async () => {
    expect(await json('metrics')).toMatchObject({ system: { uptime: expect.any(Number) } });
    expect(await json('top', '--times', '1')).toMatchObject({ url: server.url, running: 0, processes: [] });
    expect(await json('status')).toMatchObject({ url: server.url, status: 'healthy' });
    const said = async () => (await json('status')).components.conversations.detail;
    expect(await said()).toBe('0 conversations run, 0 protocols are verified');
    for (const detail of [
      '0 conversations run, 1 protocol is verified',
      '0 conversations run, 2 protocols are verified',
    ]) {
      const { protocol_id } = await json('protocols', 'define', '--name', 'q', '--source', TALK);
      await csp('protocols', 'verify', protocol_id);
      expect(await said()).toBe(detail);
    }
    const [{ protocol_id }] = (await json('protocols', 'list', '--status', 'verified')).protocols;
    await csp('conversations', 'start', '--protocol-id', protocol_id);
    expect(await said()).toBe('1 conversation runs, 2 protocols are verified');
    expect(JSON.parse((await csp('openapi', 'print', '--context', 'here')).out)).toMatchObject({ openapi: '3.1.0' });
    expect((await csp('graphql', 'print', '--url', server.url)).out).toContain('type Query');
  });

  test('completion proposes commands, and a script for each shell asks for it', async () => {
    expect((await csp('__complete', 'pro')).out.split('\n')).toEqual(
      expect.arrayContaining(['protocols', 'processes']),
    );
    expect((await csp('__complete', 'processes', 'li')).out).toBe('list\n');
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await csp('completion', shell)).out).toContain('csp __complete');
    expect((await csp('completion', 'csh')).exitCode).toBe(2);
  });
});

describe('config', () => {
  const file = join(folder, 'other.yaml');

  test('explain: the winner and the losers, with their places; by any name', async () => {
    writeFileSync(file, 'name: Ours\nlog:\n  level: warn\n');
    const told = await json('config', 'explain', 'system.name', '--config', file);
    expect(told).toMatchObject({ key: 'name', value: 'Ours', origin: { kind: 'file', place: `${file}:1:7` } });
    expect(await csp('config', 'explain', 'CSP_NMAE')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('CSP_NAME'),
    });
  });

  test('print: what is set, and with --effective everything; secrets masked', async () => {
    writeFileSync(file, 'name: Ours\nsecurity: { secret_key: k4n4r1e }\n');
    expect((await json('config', 'print', '--config', file)).keys).toMatchObject([
      { key: 'name', value: 'Ours' },
      { key: 'security.secret_key', value: '****' },
    ]);
    const all = await csp('config', 'print', '--effective', '--config', file);
    expect(all.out).toMatch(/^port +8000 +default$/m);
    expect(all.out + (await csp('config', 'check', '--config', file)).out).not.toContain('k4n4r1e');
  });

  test('check: every mistake with its place, and 5', async () => {
    writeFileSync(file, 'prot: 1\nquantum: { enable_quantum_communication: true }\n');
    const { exitCode, out } = await csp('config', 'check', '--config', file);
    expect(exitCode).toBe(5);
    expect(out).toContain(`${file}:1:1: There is no key prot. Did you mean port?`);
    expect(out).toContain('has no effect');
    writeFileSync(file, 'port: 1\n');
    expect(await json('config', 'check', '--config', file)).toEqual({ valid: true, diagnostics: [] });
  });

  test('what a platform answered is audited as it was saved, log and receipt; a changed letter is found', async () => {
    const { protocol_id } = await json('protocols', 'define', '--name', 'saved', '--source', TALK);
    await csp('protocols', 'verify', protocol_id);
    const { conversation_id } = await json('conversations', 'start', '--protocol-id', protocol_id);
    await csp('conversations', 'attempt', conversation_id, '--role', 'alice', '--event', 'say.alice.bob');
    const saved = async (name: string, ...args: string[]) => {
      const path = join(folder, name);
      writeFileSync(path, (await csp(...args, '--json')).out);
      return path;
    };
    const log = await saved('log.json', 'conversations', 'log', conversation_id);
    const receipt = await saved('receipt.json', 'conversations', 'receipt', conversation_id, '1');
    const { key } = JSON.parse(readFileSync(receipt, 'utf8'));
    const audited = await csp('audit', log, '--receipt', receipt, '--key', key);
    expect([audited.exitCode, audited.out]).toEqual([0, expect.stringContaining('✓ integrity     intact')]);
    // Without --json it is the file itself.
    const text = join(folder, 'deal.log');
    writeFileSync(text, (await csp('conversations', 'log', conversation_id)).out);
    expect((await csp('audit', text, '--key', key)).exitCode).toBe(0);
    const changed = join(folder, 'changed.json');
    writeFileSync(changed, readFileSync(log, 'utf8').replace('say.alice.bob', 'say.bob.alice'));
    expect((await csp('audit', changed)).exitCode).toBe(1);
  });
});
