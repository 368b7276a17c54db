/** What the operations of this module may end in. */
import type { ErrorTable } from '@enhanced-csp/platform';

export const CONVERSATION_ERRORS = {
  'CSP-CNV-001': {
    kind: 'not found',
    title: 'No such protocol',
    next: 'List the protocols, or define it.',
  },
  'CSP-CNV-002': {
    kind: 'not found',
    title: 'No such conversation',
    next: 'List the conversations, or start one.',
  },
  'CSP-CNV-003': {
    kind: 'not found',
    title: 'No such process',
    next: 'List the processes, or create it.',
  },
  'CSP-CNV-004': {
    kind: 'not found',
    title: 'No such channel',
    next: 'List the channels, or create it.',
  },
  'CSP-CNV-005': {
    kind: 'unprocessable',
    title: 'The protocol is not verified',
    next: 'Verify it; if a check fails, its counterexample says why. Only a verified protocol may start a conversation.',
  },
  'CSP-CNV-006': {
    kind: 'refused',
    title: 'The protocol does not allow this event now',
    next: 'Perform one of the expected events, or wait for the role whose turn it is. Nothing was delivered; the attempt is in the log.',
  },
  'CSP-CNV-007': {
    kind: 'invalid',
    title: 'The conversation has no such role',
    next: 'Speak as one of its roles, or as environment.',
  },
  'CSP-CNV-008': {
    kind: 'unprocessable',
    title: 'The process may not run',
    next: 'Read its diagnostics and its verdict, correct the behavior and create it anew.',
  },
  'CSP-CNV-009': {
    kind: 'conflict',
    title: 'The process is in another state',
    next: 'Read its status: only a process that does not run can be started or deleted, and only a running one stopped.',
  },
  'CSP-CNV-010': {
    kind: 'conflict',
    title: 'A channel of this name exists',
    next: 'Use it, or choose another name: processes find their channels by name.',
  },
  'CSP-CNV-011': {
    kind: 'too many',
    title: 'The channel takes no more',
    next: 'Receive from it first, wait a moment, or create it with a larger buffer_size.',
  },
  'CSP-CNV-012': {
    kind: 'timed out',
    title: 'Nobody came to communicate',
    next: 'The offer was withdrawn, nothing was communicated. Try again when the other side is there, or with a longer timeout.',
  },
  'CSP-CNV-013': {
    kind: 'too many',
    title: 'Too many scripts wait to be checked',
    next: 'Wait until the others are decided.',
  },
  'CSP-CNV-014': {
    kind: 'conflict',
    title: 'The conversation is over',
    next: 'Read its trace and its log, or start another one.',
  },
  'CSP-CNV-015': {
    kind: 'internal',
    title: 'A stored log does not follow its protocol',
    next: 'Download the log and audit it: the report names the line. The conversation is kept as it is and takes no more events.',
  },
  'CSP-CNV-016': {
    kind: 'unavailable',
    title: 'Not now: the platform is stopping, or a write failed',
    next: 'Nothing of this request was written. Try again.',
  },
  'CSP-CNV-017': {
    kind: 'unprocessable',
    title: 'These processes cannot be composed like this',
    next: 'Read which part or channel is meant, correct the definition and send it again. Any composition of CSP can be written as a protocol in CSPM.',
  },
  'CSP-CNV-018': {
    kind: 'conflict',
    title: 'The channel is in use',
    next: 'Stop the processes that use it and receive what it holds.',
  },
  'CSP-CNV-019': {
    kind: 'not found',
    title: 'The log has no such entry',
    next: 'Entries count from 0, the header, up to the size of the log.',
  },
  'CSP-CNV-020': {
    kind: 'unprocessable',
    title: 'What each role knows is too large to be followed',
    next: 'Quarantine needs the protocol as each role sees it, which may be exponentially larger. Use the mode block, or make the protocol smaller.',
  },
  'CSP-CNV-021': {
    kind: 'unprocessable',
    title: 'No such agent',
    next: 'GET /api/agents/kinds lists those there are. Modules bring them; a role without one is open to remote agents.',
  },
  'CSP-CNV-022': {
    kind: 'unprocessable',
    title: 'The agent does not play this',
    next: 'Give it one of its roles, in one of its protocols; GET /api/agents/kinds says which.',
  },
  'CSP-CNV-023': {
    kind: 'unprocessable',
    title: 'No such kind of process',
    next: 'GET /api/processes/kinds lists those there are, and what they are configured by. Modules bring them.',
  },
  'CSP-CNV-024': {
    kind: 'unprocessable',
    title: 'The configuration does not fit the kind of process',
    next: 'Correct the members of config that the errors name.',
  },
  'CSP-CNV-025': {
    kind: 'internal',
    title: 'A kind of process did not give a specification',
    next: 'Report it to whoever makes the module that brings the kind, with the configuration.',
  },
} as const satisfies ErrorTable;

export type ErrorCode = keyof typeof CONVERSATION_ERRORS;
