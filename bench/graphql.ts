/**
 * `npm run bench:graphql [-- --json] [--peer FOLDER] [--rounds 5]`: what a GraphQL query costs that was asked before, ten objects of four fields, against
 * mercurius with its compiler of queries, in processor time of the server. Ours also reads input and output by the schemas of the operation.
 *
 * The peer is no dependency of this project: `npm install --prefix FOLDER mercurius@16 fastify@5 graphql@16` brings it. Without it its figure is null.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    peer: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '4000' },
  },
});
const [rounds, requests] = [Number(values.rounds), Number(values.requests)];
const CONNECTIONS = 16;
const [MUST, AIM] = [3, 1.5];
const QUERY = 'query ($limit: Int) { thingsList(limit: $limit) { things { thing_id name size active } } }';

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** So far. */
  cpuMicroseconds(): Promise<number>;
}

async function serve(...args: readonly string[]): Promise<Served> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'graphql/server.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the server ${args[0]} ended`);
    return value;
  };
  const url = await next();
  const cpuMicroseconds = () => {
    child.stdin.write('\n');
    return next().then(Number);
  };
  return { child, url, cpuMicroseconds };
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const headers = { 'content-type': 'application/json', accept: 'application/json' };

function ask({ url }: Served, query: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve(text));
    });
    asked.once('error', reject);
    asked.end(JSON.stringify({ query, variables: { limit: 10 } }));
  });
}

/** Microseconds of the server for one request. */
async function measured(served: Served, query: string, expected: string, count: number): Promise<number> {
  const before = await served.cpuMicroseconds();
  let left = count;
  const work = async () => {
    while (left-- > 0) if ((await ask(served, query)) !== expected) throw new Error('another answer than before');
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  return ((await served.cpuMicroseconds()) - before) / count;
}

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] as number;
const rounded = (value: number) => Math.round(value * 10) / 10;

const ours = await serve('ours');
const peer = values.peer === undefined ? undefined : await serve('peer', values.peer);
const both = peer === undefined ? [ours] : [ours, peer];
try {
  // Ours names a whole number Integer, as it may be larger than GraphQL's Int.
  const queryOf = (served: Served) => (served === ours ? QUERY.replace('Int)', 'Integer)') : QUERY);
  const answers = await Promise.all(both.map((served) => ask(served, queryOf(served))));
  const [expected = ''] = answers;
  if (JSON.parse(expected).data?.thingsList?.things?.length !== 10) throw new Error(`not the things: ${expected}`);
  for (const answer of answers)
    if (answer !== expected) throw new Error(`the two answer differently: ${expected} and ${answer}`);
  const spent = both.map((): number[] => []);
  for (let round = -1; round < rounds; round++)
    for (const [index, served] of both.entries()) {
      const one = await measured(served, queryOf(served), expected, requests);
      // The first round compiles.
      if (round >= 0) spent[index]?.push(one);
    }
  const [our = 0, their] = spent.map(median);
  const ratio = their === undefined ? null : rounded(our / their);
  const holds = ratio === null || ratio <= MUST;
  const figure = 'a GraphQL query that was asked before, ten objects of four fields: processor time of the server';
  const line = { figure, unit: 'us', ours: rounded(our), peer: their === undefined ? null : rounded(their), ratio };
  if (values.json) console.log(JSON.stringify({ ...line, must: MUST, aim: AIM, holds }));
  else {
    const against = ratio === null ? 'no peer' : `mercurius with jit: ${line.peer} us, ${ratio}×`;
    console.log(`${holds ? 'holds' : 'FAILS'} ${figure}: ${line.ours} us, ${against}  (must ${MUST}, aim ${AIM})`);
  }
  process.exitCode = holds ? 0 : 1;
} finally {
  agent.destroy();
  for (const { child } of both) child.stdin?.end();
}
