/** How a process ended, as supervisors, links and monitors judge it. The reasons are those of OTP. */
import { KilledError } from '../errors.ts';
import type { Process } from '../process.ts';

export type Exit =
  | { readonly reason: 'normal' }
  /** Asked to end, or ended itself with `ShutdownError`: orderly. */
  | { readonly reason: 'shutdown'; readonly cause: unknown }
  | { readonly reason: 'killed'; readonly cause: unknown }
  | { readonly reason: 'error'; readonly cause: unknown };

/** Thrown by a process that ends in order before its work is done; the reason a supervisor gives to the children it ends. */
export class ShutdownError extends Error {
  constructor(message = 'shut down', options?: ErrorOptions) {
    super(message, options);
    this.name = 'ShutdownError';
  }
}

/** A process was ended because one that it was linked to ended abnormally; `cause` is what ended that one. */
export class LinkedExitError extends Error {
  readonly process: string;
  constructor(process: string, cause: unknown) {
    super(`linked process ${process} ended abnormally`, { cause });
    this.name = 'LinkedExitError';
    this.process = process;
  }
}

/** How a process that is over has ended. */
export function exitOf(process: Process): Exit {
  const { status, error: cause } = process;
  if (status === 'done') return { reason: 'normal' };
  if (cause instanceof KilledError) return { reason: 'killed', cause };
  if (status === 'cancelled') return { reason: cause instanceof LinkedExitError ? 'error' : 'shutdown', cause };
  return { reason: cause instanceof ShutdownError ? 'shutdown' : 'error', cause };
}

/** Whether it is an end that `transient` children are restarted after, and that linked processes share. */
export function isAbnormal(exit: Exit): boolean {
  return exit.reason === 'error' || exit.reason === 'killed';
}
