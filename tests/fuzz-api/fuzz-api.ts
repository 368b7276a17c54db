/** Sends seeded requests to a server, one after another, and judges each answer by the server's own OpenAPI document. */
import { Agent, request as open } from 'node:http';
import fc from 'fast-check';
import { answerJudge, type FuzzAnswer } from './answers.ts';
import type { OpenApiDocument } from './document.ts';
import { drafts, type FuzzRequest, operationsOf, requestOf } from './requests.ts';

export interface Found {
  /** `POST /api/channels {...}: 500 {...}` */
  readonly told: string;
  readonly why: string;
}

export interface FuzzReport {
  readonly requests: number;
  readonly succeeded: number;
  /** By operation, the statuses that were answered. */
  readonly seen: ReadonlyMap<string, ReadonlyMap<number, number>>;
  readonly operations: number;
  /** One for each operation and reason. */
  readonly found: readonly Found[];
}

export async function fuzzApi(
  url: string,
  options: {
    readonly requests: number;
    readonly seed: number;
    /** Changes an answer before it is judged: how a test shows that the judge sees. */
    readonly tamper?: (answer: FuzzAnswer) => FuzzAnswer;
    readonly progress?: (done: number) => void;
  },
): Promise<FuzzReport> {
  const { requests, seed, tamper = (answer) => answer, progress = () => {} } = options;
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApiDocument;
  const operations = operationsOf(document);
  const inputs = operations.map((operation) => drafts(operation, document));
  const judge = answerJudge(document);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const known = new Map<string, string[]>();
  const seen = new Map<string, Map<number, number>>();
  const found = new Map<string, Found>();
  let [done, succeeded] = [0, 0];
  const asked = fc
    .nat(operations.length - 1)
    .chain((index) => fc.record({ index: fc.constant(index), draft: inputs[index]! }));
  try {
    await fc.assert(
      fc.asyncProperty(asked, async ({ index, draft }) => {
        const operation = operations[index]!;
        const request = requestOf(operation, draft, known);
        const answer = tamper(await exchange(url, request, agent));
        const { operationId } = operation.described;
        const statuses = seen.get(operationId) ?? new Map<number, number>();
        seen.set(operationId, statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1));
        const why = judge(operation, request, answer);
        const { method, path, headers, body } = request;
        const told = `${method} ${path} ${JSON.stringify(headers)} ${body ?? ''}: ${answer.status} ${answer.body.slice(0, 500)}`;
        if (why !== undefined && !found.has(`${operationId} ${why}`)) found.set(`${operationId} ${why}`, { told, why });
        if (request.addressed && answer.status < 300) {
          succeeded += 1;
          if (request.method === 'DELETE') forget(known, request.path);
          else remember(known, answer.body);
        }
        done += 1;
        if (done % 1000 === 0) progress(done);
      }),
      { numRuns: requests, seed, endOnFailure: true },
    );
  } finally {
    agent.destroy();
  }
  return { requests: done, succeeded, seen, operations: operations.length, found: [...found.values()] };
}

/** The last ten of each kind of thing, so that what is behind the door is tried too. */
function remember(known: Map<string, string[]>, body: string): void {
  if (!body.startsWith('{')) return;
  const value = JSON.parse(body) as Record<string, unknown>;
  for (const name of ['process_id', 'channel_id', 'protocol_id', 'conversation_id']) {
    const id = value[name];
    if (typeof id === 'string' && !known.get(name)?.includes(id))
      known.set(name, [...(known.get(name) ?? []).slice(-9), id]);
  }
}

function forget(known: Map<string, string[]>, path: string): void {
  for (const [name, ids] of known) {
    const left = ids.filter((id) => !path.includes(id));
    if (left.length === 0) known.delete(name);
    else known.set(name, left);
  }
}

function exchange(url: string, { method, path, headers, body }: FuzzRequest, agent: Agent): Promise<FuzzAnswer> {
  return new Promise((resolve, reject) => {
    const sent = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = open(
      `${url}${path}`,
      { method, headers: { ...headers, ...sent }, agent, timeout: 10_000 },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
        response.once('error', reject);
      },
    );
    request.once('timeout', () => request.destroy(new Error(`${method} ${path}: no answer within 10 s`)));
    request.once('error', reject);
    request.end(body);
  });
}
