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
} as const satisfies ErrorTable;
