/**
 * Several requests in one: each is performed as if it had come alone, in order, and answered in its place. With `atomic` they are one commit,
 * which only operations can be that do nothing else than to commit.
 */
import { type Call, type Change, Fault, type FaultKind, type Operation, type Plan } from '@enhanced-csp/platform';
import { z } from 'zod';
import { inputReader } from './input.ts';
import { patternOf, splitRoute } from './path.ts';

export const ITEMS_MAX = 100;

export const Batch = z.strictObject({
  atomic: z.boolean().default(false).describe('All or nothing, in one commit.'),
  requests: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(200).optional().describe('Comes back with the answer. Default: its place, from 0.'),
        method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
        path: z
          .string()
          .max(4096)
          .regex(/^\/api\/(?!(v1\/)?batch([/?]|$))[!-~]*$/, 'a path under /api, and not a batch'),
        headers: z.record(z.string().regex(/^[\w-]{1,64}$/), z.string().max(1024)).default({}),
        body: z.json().optional(),
      }),
    )
    .min(1)
    .max(ITEMS_MAX),
});
export type Batch = z.output<typeof Batch>;
export type BatchRequest = Batch['requests'][number];

export const BatchAnswer = z.object({
  atomic: z.boolean(),
  results: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      body: z.unknown(),
    }),
  ),
});
export type BatchAnswer = z.output<typeof BatchAnswer>;

export interface Planned {
  readonly operation: Operation;
  readonly output: unknown;
}

/** Headers of a request that mean something for an item; the others belong to the connection. */
const ITEM_HEADERS = new Set(['idempotency-key', 'if-match', 'if-none-match']);

export function itemHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  for (const [name] of entries)
    if (!ITEM_HEADERS.has(name))
      throw new Fault(
        'CSP-GTW-020',
        'invalid',
        `A request of a batch has no header ${name}; it may have ${[...ITEM_HEADERS].join(', ')}.`,
      );
  return Object.fromEntries(entries);
}

/**
 * What an atomic batch would commit. Nothing is written here.
 *
 * @throws Fault `CSP-GTW-022` when a request of it cannot be part of one commit, `CSP-GTW-023` when one is refused.
 */
export async function planBatch(
  requests: readonly BatchRequest[],
  operations: readonly Operation[],
  call: Call,
  gate: {
    admit(operation: Operation, call: Call): void;
    allow(operation: Operation, input: unknown, call: Call): void;
  },
): Promise<{ readonly changes: readonly Change[]; readonly plans: readonly (Planned & Plan)[] }> {
  const found = requests.map((request, index) => {
    const match = findOperation(request, operations);
    if (match === undefined || match.operation.plan === undefined || Object.keys(request.headers).length > 0) {
      const why =
        match === undefined
          ? 'there is no such operation'
          : match.operation.plan === undefined
            ? `${match.operation.id} is not one commit`
            : 'conditions and keys belong to requests that stand alone';
      throw new Fault(
        'CSP-GTW-022',
        'unprocessable',
        `Request ${request.id ?? index}, ${request.method} ${request.path}: ${why}.`,
        {
          details: { request: request.id ?? String(index) },
        },
      );
    }
    return { ...match, request, index };
  });
  const plans: (Planned & Plan)[] = [];
  for (const { operation, sources, request, index } of found) {
    try {
      gate.admit(operation, call);
      const input = inputReader(operation)(sources);
      gate.allow(operation, input, call);
      const plan = (await operation.plan?.(input, call)) as Plan;
      plans.push({ ...plan, operation });
    } catch (cause) {
      if (!(cause instanceof Fault) || PASSED_ON.has(cause.kind)) throw cause;
      throw new Fault('CSP-GTW-023', 'unprocessable', `Request ${request.id ?? index} is refused: ${cause.message}`, {
        details: { request: request.id ?? String(index), cause: { code: cause.code, ...cause.details } },
        cause,
      });
    }
  }
  const changes = plans.flatMap((plan) => plan.changes);
  const twice = firstTwice(changes);
  if (twice !== undefined)
    throw new Fault(
      'CSP-GTW-022',
      'unprocessable',
      `Two requests of the batch change ${twice}; what is planned apart cannot be.`,
    );
  return { changes, plans };
}

/** What says nothing of the one request alone. */
const PASSED_ON: ReadonlySet<FaultKind> = new Set(['too many', 'unavailable', 'denied']);

function findOperation(request: BatchRequest, operations: readonly Operation[]) {
  const url = new URL(request.path, 'http://batch');
  const path = url.pathname.replace(/^\/api(\/v1)?(?=\/)/, '');
  for (const operation of operations) {
    const { method, path: pattern } = splitRoute(operation.route);
    if (method !== request.method || !patternOf(pattern, '/').test(path)) continue;
    const names = pattern.split('/');
    const values = path.split('/');
    const inPath = names.flatMap((name, at) =>
      name.startsWith('{') ? [[name.slice(1, -1), decodeURIComponent(values[at] ?? '')] as const] : [],
    );
    const query = Object.fromEntries(
      [...url.searchParams.keys()].map((key) => [key, textOf(url.searchParams.getAll(key))]),
    );
    return { operation, sources: { path: Object.fromEntries(inPath), query, body: request.body } };
  }
  return undefined;
}

function textOf(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] as string) : values;
}

/** Each plan was made from the store as it is, not as the plans before it will leave it: so no two may touch one record or stream. */
function firstTwice(changes: readonly Change[]): string | undefined {
  const seen = new Set<string>();
  for (const change of changes) {
    const what = change.change === 'append' ? change.stream : `${change.collection} ${change.id}`;
    if (seen.has(what)) return what;
    seen.add(what);
  }
  return undefined;
}
