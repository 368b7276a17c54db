/**
 * A server on a loopback address is reachable by every page the browser of its user opens. Two checks keep such pages out: the Host must be ours
 * (or a name could be rebound to 127.0.0.1), and a request that says where it comes from must come from the same host.
 */
import { Fault } from '@enhanced-csp/platform';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || host.startsWith('127.');
}

/** @throws Fault `CSP-GTW-007` */
export function refuseOtherSites(
  headers: { readonly host?: string | undefined; readonly origin?: string | undefined },
  /** The address the server is bound to. */
  bound: string,
  /** Other sites that may ask. */
  allowed: readonly string[] = [],
): void {
  const host = headers.host ?? '';
  const name = host.replace(/:\d+$/, '');
  if (isLoopback(bound) && !isLoopback(name))
    throw new Fault('CSP-GTW-007', 'denied', `This server answers to localhost, not to '${name}'.`);
  const { origin } = headers;
  if (origin !== undefined && hostOf(origin) !== host && !allowed.includes(origin))
    throw new Fault('CSP-GTW-007', 'denied', `A page of ${origin} asked; this server is ${host}.`);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** Headers for a page of an allowed site; none for all others, whose browsers then keep the answer from them (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export function corsHeaders(origin: string | undefined, allowed: readonly string[]): Readonly<Record<string, string>> {
  if (allowed.length === 0) return {};
  if (origin === undefined || !allowed.includes(origin)) return { vary: 'origin' };
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'etag, location, ratelimit, ratelimit-policy, retry-after, x-request-id',
    'cross-origin-resource-policy': 'cross-origin',
  };
}

export const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'accept, content-type, idempotency-key, if-match, if-none-match, last-event-id, x-request-id',
  'access-control-max-age': '600',
} as const;
