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
