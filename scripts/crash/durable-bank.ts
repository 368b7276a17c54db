/** What the durable processes of the kill test, and who looks at them afterwards, have in common. */
import type { Entry } from '@enhanced-csp/engine/durable';

export const JOURNAL = 'bank';
export const BOOKINGS = 'bookings';
export const BUFFER = 256;
export const WORKERS = Array.from({ length: 48 }, (_, index) => `desk${index}`);

/** Enforced, and audited: nothing is given that was not deposited, and the bank closes when all of it was given. */
export const AUDIT = {
  id: 'audit.bank',
  protocol: {
    name: 'bank',
    source: `datatype Role = teller | ${WORKERS.join(' | ')}
channel deposit, close : Role
channel give : Role.Role
BANK(n) = n <= ${BUFFER} & deposit.teller -> BANK(n + 1)
  [] n > 0 & ([] desk : diff(Role, {teller}) @ give.teller.desk -> BANK(n - 1))
  [] n == 0 & close.teller -> BANK(n)
OPEN = BANK(0)
`,
    system: 'OPEN',
    roles: ['teller', ...WORKERS],
  },
} as const;

export function eventOf(entry: Entry): { readonly role: string; readonly event: string } | undefined {
  if (entry.kind !== 'communicated' && entry.kind !== 'buffered') return undefined;
  const { channel } = entry;
  const event =
    channel === 'deposits' ? 'deposit.teller' : channel === 'close' ? 'close.teller' : `give.teller.${channel}`;
  return { role: 'teller', event };
}
