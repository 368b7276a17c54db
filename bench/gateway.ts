/**
 * `npm run bench:gateway [-- --json] [--rounds 3] [--seconds 3]`: what a durable send costs against the same route without store, monitor and log; and
 * what it costs to tell ten thousand WebSocket clients.
 *
 * Both servers run at the same time and are asked in turns; the figure is the median of the rounds, in processor time of the server. There are no
 * accounts yet, so no figure has authentication in it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { cpuMicroseconds, type Load, load, residentBytes } from './gateway/load.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    clients: { type: 'string', default: '10000' },
  },
});
const [rounds, seconds, clients] = [Number(values.rounds), Number(values.seconds), Number(values.clients)];
const CONNECTIONS = 64;
const EVENTS = 20;

const folder = mkdtempSync(join(tmpdir(), 'csp-bench-'));
const EVENT = { type: 'message', data: { content: 'Hello, World!' }, sender: 'proc_123456', priority: 'normal' };
const ATTEMPT = { role: 'alice', event: 'say.alice.bob', payload: { content: 'Hello, World!' } };

interface Served {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly folder: string;
  readonly url: string;
  readonly channel_id: string;
  readonly conversation_id: string;
}

const holds: boolean[] = [];
try {
  await together(['ours', 'bare'], async ([ours, bare]) => {
    const both = [ours, bare] as [Served, Served];
    await equalAnswers(both);
    await route('a send on a channel', both, (at) => [`/api/channels/${at.channel_id}/send`, { event: EVENT }]);
    await route('an event of a conversation, monitored and chained', both, (at) => [
      `/api/conversations/${at.conversation_id}/events`,
      ATTEMPT,
    ]);
    await audited(both[0]);
  });
  // A server that did nothing before, or its memory would not be that of the clients.
  await together(['ours'], ([ours]) => delivery(ours as Served));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = holds.every(Boolean) ? 0 : 1;

async function together(kinds: readonly ('ours' | 'bare')[], use: (served: readonly Served[]) => Promise<void>) {
  const served: Served[] = [];
  try {
    for (const kind of kinds) served.push(await serve(kind));
    await use(served);
  } finally {
    for (const { process } of served) {
      const ended = new Promise((resolve) => process.once('exit', resolve));
      process.stdin?.end();
      await ended;
    }
  }
}

async function serve(kind: 'ours' | 'bare'): Promise<Served> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'gateway/server.ts'), kind], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return { process: child, pid: child.pid as number, folder, ...JSON.parse(line) };
  throw new Error(`the server ${kind} ended before it was there`);
}

async function post({ url }: Served, path: string, body: object): Promise<Record<string, unknown>> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url + path, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** The same questions get answers of the same form, and are refused alike. */
async function equalAnswers(both: readonly Served[]): Promise<void> {
  const shapes = await Promise.all(
    both.map(async (at) => {
      const sent = await post(at, `/api/channels/${at.channel_id}/send`, { event: EVENT });
      const performed = await post(at, `/api/conversations/${at.conversation_id}/events`, ATTEMPT);
      const wrong = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"event":{"priority":"urgent"}}',
      };
      const refused = await fetch(`${at.url}/api/channels/${at.channel_id}/send`, wrong);
      return JSON.stringify([Object.keys(sent).sort(), Object.keys(performed).sort(), refused.status]);
    }),
  );
  if (shapes[0] !== shapes[1]) throw new Error(`the two servers answer differently: ${shapes.join(' and ')}`);
}

async function route(
  name: string,
  [ours, bare]: readonly [Served, Served],
  to: (at: Served) => [string, object],
): Promise<void> {
  const ask = (at: Served, warmUpSeconds = 1): Promise<Load> => {
    const [path, body] = to(at);
    return load(at, at.url + path, body, { connections: CONNECTIONS, seconds, warmUpSeconds });
  };
  // Compiled code first.
  for (const at of [ours, bare]) await ask(at);
  const [our, their]: [Load[], Load[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    our.push(await ask(ours));
    their.push(await ask(bare));
  }
  const peerName = 'the same route, validated, without store, monitor and log';
  const at64 = `${name}, validated and durable (not authenticated), ${CONNECTIONS} connections`;
  const cpu = (one: Load) => one.cpuMicroseconds;
  const [ourCpu, peerCpu] = [median(our.map(cpu)), median(their.map(cpu))];
  report({
    figure: `${at64}: processor time`,
    unit: 'us',
    ours: ourCpu,
    peer: peerCpu,
    peerName,
    ratio: ourCpu / peerCpu,
    must: 2,
    aim: 1.3,
  });
  const p99 = (one: Load) => one.p99Milliseconds;
  const [ourP99, peerP99] = [median(our.map(p99)), median(their.map(p99))];
  report({ figure: `${at64}: p99`, unit: 'ms', ours: ourP99, peer: peerP99, peerName, must: 25, aim: 10 });
  const [opening, peerOpening] = [await ask(ours, 0), await ask(bare, 0)];
  report({
    figure: `${at64}, opened at once: the slowest answer`,
    unit: 'ms',
    ours: opening.slowestMilliseconds,
    peer: peerOpening.slowestMilliseconds,
    peerName,
  });
}

/** What was answered is in the log, once. */
async function audited(ours: Served): Promise<void> {
  const answer = await fetch(`${ours.url}/api/conversations/${ours.conversation_id}/verdict`);
  const { verdict, accepted, refused } = (await answer.json()) as Record<string, unknown>;
  if (verdict !== 'conforming' || refused !== 0) throw new Error(`${verdict}, ${refused} refused`);
  if (!values.json) console.log(`${' '.repeat(6)}${accepted} events in the log of the conversation, conforming`);
}

async function delivery(ours: Served): Promise<void> {
  const before = residentBytes(ours.pid);
  const topic = `channel.${ours.channel_id}`;
  const program = join(import.meta.dirname, 'gateway/clients.ts');
  const url = `${ours.url.replace('http', 'ws')}/ws`;
  const child = spawn(process.execPath, [program, url, topic, String(clients)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the clients ended');
    return value as string;
  };
  try {
    await next();
    const perClient = (residentBytes(ours.pid) - before) / clients;
    report({
      figure: `memory a WebSocket client, ${clients} of them`,
      unit: 'kB',
      ours: perClient / 1024,
      must: 15,
      aim: 8,
    });
    const publish = () => post(ours, `/api/channels/${ours.channel_id}/send`, { event: EVENT });
    await publish();
    child.stdin?.write('1\n');
    await next();
    const spent: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const cpu = cpuMicroseconds(ours.pid);
      for (let event = 0; event < EVENTS; event++) await publish();
      child.stdin?.write(`${1 + (round + 1) * EVENTS}\n`);
      const heard = Number(await next());
      if (heard !== (1 + (round + 1) * EVENTS) * clients) throw new Error(`${heard} deliveries were received`);
      spent.push((cpuMicroseconds(ours.pid) - cpu) / (EVENTS * clients));
    }
    report({
      figure: `WebSocket delivery to ${clients} clients, all received: processor time a message`,
      unit: 'us',
      ours: median(spent),
      must: 15,
      aim: 3,
    });
  } finally {
    child.kill();
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] as number;
}

function report(figure: {
  readonly figure: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer?: number;
  readonly peerName?: string;
  /** Held against the goal instead of `ours`. */
  readonly ratio?: number;
  /** Absent: told, and held against nothing. */
  readonly must?: number;
  readonly aim?: number;
}): void {
  const { ours: our, peer, ratio, must = null, aim = null, unit } = figure;
  const held = must === null ? null : (ratio ?? our) <= must;
  if (held !== null) holds.push(held);
  const round = (value: number | undefined) => (value === undefined ? null : Math.round(value * 100) / 100);
  const line = {
    figure: figure.figure,
    unit,
    ours: round(our),
    peer: round(peer),
    peerName: figure.peerName ?? null,
    ratio: round(ratio ?? (peer === undefined ? undefined : our / peer)),
    must,
    aim,
    holds: held,
  };
  if (values.json) console.log(JSON.stringify(line));
  else {
    const against = peer === undefined ? '' : `, ${figure.peerName}: ${line.peer} ${unit}, ${line.ratio}×`;
    const goal = must === null ? '' : `  (must ${must}, aim ${aim})`;
    const verdict = held === null ? 'told ' : held ? 'holds' : 'FAILS';
    console.log(`${verdict} ${line.figure}: ${line.ours} ${unit}${against}${goal}`);
  }
}
