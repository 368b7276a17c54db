/** A typed client of the platform: one method for each operation of its OpenAPI document. */
import { type Operations, ROUTES } from './operations.ts';

export { type Operations, ROUTES } from './operations.ts';

type Id = keyof Operations;
type Group = Id extends `${infer Name}.${string}` ? Name : never;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Of a POST: sent again with the same key, it is answered again and not done again. */
  readonly idempotencyKey?: string;
  /** The version a change was made for; with any other the answer is a `Problem` of status 412. */
  readonly ifVersion?: number;
  /** The media type of a text, in place of JSON. */
  readonly accept?: string;
}

/** Inputs without a required property may be left out. */
type Method<Name extends Id> =
  Record<never, never> extends Operations[Name]['input']
    ? (input?: Operations[Name]['input'], options?: CallOptions) => Promise<Operations[Name]['output']>
    : (input: Operations[Name]['input'], options?: CallOptions) => Promise<Operations[Name]['output']>;

export type Client = {
  readonly [Name in Group]: { readonly [Key in Id as Key extends `${Name}.${infer Verb}` ? Verb : never]: Method<Key> };
};

/** An answer that is no success (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  /** `CSP-CNV-003`; empty when something between answered, and not the platform. */
  readonly code: string;
  readonly document: Readonly<Record<string, unknown>>;

  constructor(status: number, document: Readonly<Record<string, unknown>>) {
    super(typeof document.detail === 'string' ? document.detail : `The answer has status ${status}.`);
    this.name = 'Problem';
    this.status = status;
    this.code = typeof document.code === 'string' ? document.code : '';
    this.document = document;
  }
}

/**
 * ```ts
 * const csp = connect({ url: 'http://localhost:8000' });
 * const { process_id } = await csp.processes.create({ name: 'echo', definition: { inputs: ['a'], behavior: 'a?x -> SKIP' } });
 * ```
 */
export function connect(options: { readonly url: string; readonly fetch?: typeof fetch }): Client {
  const client: Record<string, Record<string, unknown>> = {};
  for (const id of Object.keys(ROUTES) as Id[]) {
    const [group, verb] = id.split('.') as [string, string];
    client[group] ??= {};
    client[group][verb] = (input: object = {}, more?: CallOptions) => callRoute(options, ROUTES[id], input, more);
  }
  return client as unknown as Client;
}

/**
 * Calls an operation by its route, for those this client has no method for: of modules of others.
 *
 * ```ts
 * await callRoute({ url: 'http://localhost:8000' }, 'GET /api/greetings/{greeting_id}', { greeting_id: 'greet_1' });
 * ```
 * @returns the answer, read; with `accept`, its text.
 * @throws Problem when the answer is no success, `TypeError` when a parameter of the path is missing.
 */
export async function callRoute(
  { url, fetch: send = fetch }: { readonly url: string; readonly fetch?: typeof fetch },
  route: string,
  input: object,
  { signal, idempotencyKey, ifVersion, accept }: CallOptions = {},
): Promise<unknown> {
  const [method, path] = route.split(' ') as [string, string];
  const rest = new Map<string, unknown>(Object.entries(input));
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    if (value === undefined || value === '') throw new TypeError(`${route} needs ${name}.`);
    return encodeURIComponent(String(value));
  });
  const target = new URL(`${url.replace(/\/$/, '')}${filled}`);
  const inBody = method !== 'GET' && method !== 'DELETE';
  if (!inBody)
    for (const [name, value] of rest)
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) target.searchParams.append(name, String(one));
  const answer = await send(target, {
    method,
    headers: {
      accept: accept ?? 'application/json',
      ...(inBody ? { 'content-type': 'application/json' } : {}),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(ifVersion === undefined ? {} : { 'if-match': `"${ifVersion}"` }),
    },
    ...(inBody ? { body: JSON.stringify(Object.fromEntries(rest)) } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await answer.text();
  if (answer.ok && accept !== undefined) return text;
  const read = parsed(text);
  if (answer.ok && read !== undefined) return read;
  throw new Problem(answer.status, typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {});
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
