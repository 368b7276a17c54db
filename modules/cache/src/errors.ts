/** What the cache may end in. */
import type { ErrorTable } from '@enhanced-csp/platform';

export const CACHE_ERRORS = {
  'CSP-CCH-001': {
    kind: 'unavailable',
    title: 'The other servers could not be told of a change',
    next: 'Look after Redis. They are told as soon as it is back; until then they may answer with what they have, no longer than its time.',
  },
} as const satisfies ErrorTable;
