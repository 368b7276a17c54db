/** Faults of this module: the kind belongs to the code. */
import { Fault } from '@enhanced-csp/platform';
import { CONVERSATION_ERRORS, type ErrorCode } from './errors.ts';

export function fault(
  code: ErrorCode,
  message: string,
  options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
): Fault {
  return new Fault(code, CONVERSATION_ERRORS[code].kind, message, options);
}

/** Between two tries, while the store or a channel cannot be used. */
export const RETRY_MS = 250;

/** A fault of the moment, such as a disk that is full: what was tried did not happen, and may be tried again. */
export function isPassing(cause: unknown): boolean {
  return cause instanceof Fault && (cause.kind === 'unavailable' || cause.kind === 'too many');
}
