/**
 * Leases on journals: whether a new owner may begin yet, and nothing else.
 *
 * They are judged by the clock of the database. No write depends on one: an owner whose lease has run out goes on for as long as nobody has taken its place.
 */
import { Fault } from '@enhanced-csp/platform';

/** While it lasts, nobody else becomes the owner unasked. */
export interface Lease {
  /** Told to those who are refused: a machine and a process, for instance. */
  readonly holder: string;
  /** From each renewal on; up to a day. */
  readonly milliseconds: number;
}

/** As it is kept. */
export interface HeldLease {
  readonly holder: string;
  /** By the clock of the database. */
  readonly until: number;
}

const DAY_MS = 86_400_000;
/** The part of it after which it is renewed. */
const RENEWED_AFTER = 1 / 3;

/** @param now by the clock of the database, read before this is written */
export function heldFrom({ holder, milliseconds }: Lease, now: number): HeldLease {
  return { holder, until: now + milliseconds };
}

/** @param elapsed milliseconds since it was renewed, by any clock: it only says when to ask the right one */
export function isDue({ milliseconds }: Lease, elapsed: number): boolean {
  return elapsed >= milliseconds * RENEWED_AFTER;
}

/** @throws Fault `CSP-STO-003` */
export function refuseUnending({ milliseconds }: Lease): void {
  if (milliseconds > 0 && milliseconds <= DAY_MS) return;
  throw new Fault('CSP-STO-003', 'invalid', `A lease lasts up to a day, in milliseconds; got ${milliseconds}.`);
}

export function leased(journal: string, { holder, until }: HeldLease, now: number): Fault {
  const leftMs = until - now;
  return new Fault(
    'CSP-STO-019',
    'conflict',
    `Journal ${journal} is held by ${holder}, for another ${(leftMs / 1000).toFixed(1)} s unless it renews its lease.`,
    { details: { journal, holder, leftMs } },
  );
}
