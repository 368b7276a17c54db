/** What the gateway itself answers when a request does not reach its operation. */
import type { ErrorTable } from '@enhanced-csp/platform';

export const GATEWAY_ERRORS = {
  'CSP-GTW-001': {
    kind: 'invalid',
    title: 'The request does not fit the schema of its operation',
    next: 'Correct the places listed in `errors`; /openapi.json has the schema.',
  },
  'CSP-GTW-002': {
    kind: 'invalid',
    title: 'The body is not JSON',
    next: 'Send one JSON object; the message says where it stopped being one.',
  },
  'CSP-GTW-003': {
    kind: 'invalid',
    title: 'The body is in a format that is not read here',
    next: 'Send it as application/json.',
  },
  'CSP-GTW-004': {
    kind: 'too large',
    title: 'The request is too large',
    next: 'Send less at once, or raise limits.body_bytes.',
  },
  'CSP-GTW-005': {
    kind: 'not found',
    title: 'There is nothing at this path',
    next: 'Look at / for what runs here, or at /openapi.json for every path.',
  },
  'CSP-GTW-006': {
    kind: 'invalid',
    title: 'The path exists, but not with this method',
    next: 'Use one of the methods in the Allow header.',
  },
  'CSP-GTW-007': {
    kind: 'denied',
    title: 'The request comes from another site',
    next: 'Call the address of this server directly, not from a page of another origin.',
  },
  'CSP-GTW-008': {
    kind: 'too many',
    title: 'Too many requests',
    next: 'Wait for the seconds in Retry-After.',
  },
  'CSP-GTW-009': {
    kind: 'unavailable',
    title: 'The server is stopping',
    next: 'Try again when it runs.',
  },
  'CSP-GTW-010': {
    kind: 'internal',
    title: 'Something broke in the server',
    next: 'Look for the request id in the log, and report it.',
  },
  'CSP-GTW-011': {
    kind: 'invalid',
    title: 'The frame cannot be understood',
    next: 'Send {"action": "subscribe", "channels": ["process_events"]}, or unsubscribe, or ping.',
  },
  'CSP-GTW-012': {
    kind: 'not found',
    title: 'There is no such topic',
    next: 'Look at / for the topics of this server.',
  },
  'CSP-GTW-013': {
    kind: 'too many',
    title: 'Too many subscriptions on one connection',
    next: 'Unsubscribe from some, or open another connection.',
  },
  'CSP-GTW-014': {
    kind: 'conflict',
    title: 'The port is in use',
    next: 'Choose another port with --port or CSP_PORT, or stop what listens there.',
  },
  'CSP-GTW-015': {
    kind: 'invalid',
    title: 'The server cannot listen on this address',
    next: 'Choose an address of this machine with --host or CSP_HOST, and a port that may be opened.',
  },
  'CSP-GTW-016': {
    kind: 'invalid',
    title: 'This is not an HTTP request',
    next: 'Send HTTP/1.1, with a header below 16 KiB, and without long pauses.',
  },
  'CSP-GTW-017': {
    kind: 'unprocessable',
    title: 'The idempotency key was used for another request',
    next: 'Take a new key for a new request; the same key only repeats the same one.',
  },
  'CSP-GTW-018': {
    kind: 'conflict',
    title: 'The request with this idempotency key still runs',
    next: 'Wait for the seconds in Retry-After, and send it again: the answer will be the same.',
  },
  'CSP-GTW-019': {
    kind: 'conflict',
    title: 'Whether the request with this idempotency key was done is not known',
    next: 'The server ended while it ran. Look whether it was done; if not, send it with a new key.',
  },
  'CSP-GTW-020': {
    kind: 'invalid',
    title: 'A header cannot be understood',
    next: 'Correct the header the message names.',
  },
  'CSP-GTW-021': {
    kind: 'unavailable',
    title: 'Too many requests run at the same time',
    next: 'Wait for the seconds in Retry-After; or raise limits.requests.',
  },
  'CSP-GTW-022': {
    kind: 'unprocessable',
    title: 'These requests cannot be one commit',
    next: 'Send them without atomic, or only operations that /openapi.json marks x-atomic.',
  },
  'CSP-GTW-023': {
    kind: 'unprocessable',
    title: 'The batch was not performed: one of its requests is refused',
    next: 'Correct the request the message names. Nothing of the batch was written.',
  },
  'CSP-GTW-024': {
    kind: 'conflict',
    title: 'What the request changes has no versions',
    next: 'Send it without If-Match.',
  },
  'CSP-GTW-025': {
    kind: 'denied',
    title: 'Nobody but the platform publishes on this topic',
    next: 'Publish on topics that /asyncapi.json marks x-publish.',
  },
  'CSP-GTW-026': {
    kind: 'too many',
    title: 'Too many publications run on one connection',
    next: 'Wait for the answers to those that run.',
  },
  'CSP-GTW-027': {
    kind: 'unavailable',
    title: 'Too many WebSocket clients are connected',
    next: 'Try again after the seconds in Retry-After, when others may have left.',
  },
  'CSP-GTW-028': {
    kind: 'too large',
    title: 'The GraphQL document asks for too much at once',
    next: 'Ask for less in one document: the message names the limit. limits.graphql_aliases and limits.graphql_root_fields may be raised.',
  },
  'CSP-GTW-029': {
    kind: 'timed out',
    title: 'A panel takes too long',
    next: 'Let its render answer from what is known already, and say in the panel what is still being looked for.',
  },
} as const satisfies ErrorTable;
