/** What telemetry may end in. */
import type { ErrorTable } from '@enhanced-csp/platform';

export const TELEMETRY_ERRORS = {
  'CSP-TEL-001': {
    kind: 'invalid',
    title: 'The period and the granularity do not fit together',
    next: 'Ask for a granularity that divides the period into at most 1500 points: 24h by 1h, 6h by 1m.',
  },
} as const satisfies ErrorTable;
