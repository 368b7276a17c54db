/** What the durable processes of the kill test, and who looks at them afterwards, have in common. */
import type { Entry } from '@enhanced-csp/engine/durable';

export const JOURNAL = 'bank';
export const BOOKINGS = 'bookings';
export const BUFFER = 256;
export const WORKERS = Array.from({ length: 48 }, (_, index) => `desk${index}`);

/** The teller takes one and gives it away, for ever; through every crash the log must be a trace of this. */
export const AUDIT = {
  id: 'audit.bank',
  protocol: {
    name: 'bank',
    source: `datatype Role = teller | ${WORKERS.join(' | ')}
channel take : Role
channel give : Role.Role
BANK = take.teller -> [] desk : diff(Role, {teller}) @ give.teller.desk -> BANK
`,
    system: 'BANK',
    roles: ['teller', ...WORKERS],
  },
} as const;

export function eventOf(entry: Entry): { readonly role: string; readonly event: string } | undefined {
  if (entry.kind !== 'communicated' && entry.kind !== 'taken') return undefined;
  return entry.channel === 'deposits'
    ? { role: 'teller', event: 'take.teller' }
    : { role: 'teller', event: `give.teller.${entry.channel}` };
}
