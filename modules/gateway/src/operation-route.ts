/** An operation row as a REST route: counted, read, judged by policies, performed once for a key, and answered as the caller takes it. */
import { type Call, type Catalog, Fault, type Operation, type Stream } from '@enhanced-csp/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from './admission.ts';
import type { Calls } from './calls.ts';
import type { FaultAnswers } from './fault-answers.ts';
import type { Answer, IdempotencyKeys } from './idempotency.ts';
import { inputReader } from './input.ts';
import { locator } from './location.ts';
import type { Guard } from './policies.ts';
import { entityTag, isKnown } from './preconditions.ts';

export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

const OUTCOMES = { ok: 200, created: 201, accepted: 202 } as const;

export function operationRoute(
  operation: Operation,
  needs: {
    readonly catalog: Catalog;
    readonly admission: Admission;
    readonly calls: Calls;
    readonly faults: FaultAnswers;
    readonly keys: IdempotencyKeys;
    readonly guard: Guard | undefined;
    /** Goes on telling what happens on the topic of an operation. */
    follow(stream: Stream, input: unknown, call: Call, request: FastifyRequest, reply: FastifyReply): FastifyReply;
  },
): Handler {
  const { catalog, calls, guard } = needs;
  const read = inputReader(operation);
  const admit = needs.admission.ofClass(operation.rateClass);
  const status = OUTCOMES[operation.outcome ?? 'ok'];
  const locate = locator(operation, catalog);
  const warning = deprecationHeaders(operation);
  const stream = catalog.streams().find(({ route }) => route === operation.route);

  async function perform(input: unknown, call: Call): Promise<Answer> {
    // A row never answers more, or less, than it declares: the output is read by its schema before it is sent.
    const output = operation.output.parse(await operation.run(input, call));
    const location = locate?.(output);
    const version = operation.version?.(output);
    return {
      status,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(location === undefined ? {} : { location }),
        ...(version === undefined ? {} : { etag: entityTag(version) }),
      },
      body: JSON.stringify(output),
    };
  }

  return async (request, reply) => {
    if (warning !== undefined) reply.headers(warning);
    admit?.(request.ip, reply);
    const input = read({
      path: request.params as Record<string, string>,
      query: request.query as Record<string, string | string[]>,
      body: request.body,
    });
    const call = calls.of(request, reply);
    guard?.perform(operation, input, call, 'rest');
    if (call.ifVersions !== undefined && operation.version === undefined && request.method !== 'GET')
      throw new Fault(
        'CSP-GTW-024',
        'conflict',
        `What ${operation.id} changes has no versions that If-Match could name.`,
      );
    const key = request.headers['idempotency-key'];
    if (request.method === 'POST' && typeof key === 'string') {
      const asked = { principal: call.principal.id, operation: operation.id, input };
      const once = () => perform(input, call).catch((thrown) => needs.faults.asAnswer(thrown, request));
      return send(reply, await needs.keys.once(key, asked, once));
    }
    const answer = await perform(input, call);
    if (stream !== undefined && accepts(request, 'text/event-stream'))
      return needs.follow(stream, input, call, request, reply);
    const { etag } = answer.headers;
    if (request.method === 'GET' && etag !== undefined && isKnown(request.headers['if-none-match'], etag))
      return reply.code(304).header('etag', etag).send();
    const { raw } = operation;
    if (raw !== undefined && accepts(request, raw.mediaType))
      return reply
        .code(answer.status)
        .headers({ ...answer.headers, 'content-type': raw.mediaType, vary: 'accept' })
        .send(raw.of(JSON.parse(answer.body)));
    return send(reply, answer);
  };
}

function send(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** Named as it is; a caller that takes anything gets JSON. */
function accepts(request: FastifyRequest, mediaType: string): boolean {
  return (request.headers.accept ?? '')
    .split(',')
    .some((range) => range.split(';')[0]?.trim().toLowerCase() === mediaType);
}

/** RFC 9745 and RFC 8594. */
function deprecationHeaders({ deprecated }: Operation): Record<string, string> | undefined {
  if (deprecated === undefined) return undefined;
  const { since, sunset } = deprecated;
  return {
    deprecation: `@${Math.floor(Date.parse(since) / 1000)}`,
    ...(sunset === undefined ? {} : { sunset: new Date(sunset).toUTCString() }),
  };
}
