import { Problem } from '@enhanced-csp/client';
import { Fault, type FaultKind } from '@enhanced-csp/platform';

/** What the command's exit status means: the table of the manual. */
export const EXIT = {
  ok: 0,
  propertyFails: 1,
  usage: 2,
  notFound: 3,
  conflict: 4,
  invalidInput: 5,
  unreachable: 6,
  denied: 7,
  timedOut: 8,
  /** A mistake in `csp` itself. */
  defect: 70,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An end of a command that is not success: what happened, where, and what to do next, for standard error. */
export class CommandFailed extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
  }
}

const OF_FAULT: Readonly<Record<FaultKind, ExitCode>> = {
  invalid: EXIT.invalidInput,
  unprocessable: EXIT.invalidInput,
  'not found': EXIT.notFound,
  conflict: EXIT.conflict,
  denied: EXIT.denied,
  refused: EXIT.conflict,
  'too many': EXIT.unreachable,
  'too large': EXIT.invalidInput,
  'timed out': EXIT.timedOut,
  unavailable: EXIT.unreachable,
  /** A fault with a code is a finding about what was given, also where a server would answer 500: a damaged file, a module that does not start. */
  internal: EXIT.invalidInput,
};

/** The exit status for whatever ended a command. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof CommandFailed) return error.exitCode;
  if (error instanceof Problem) return exitCodeOfStatus(error.status);
  return error instanceof Fault ? OF_FAULT[error.kind] : EXIT.defect;
}

/** Of an answer that is no success. */
function exitCodeOfStatus(status: number): ExitCode {
  if (status === 404) return EXIT.notFound;
  if (status === 401 || status === 403) return EXIT.denied;
  if (status === 409 || status === 412) return EXIT.conflict;
  if (status === 504) return EXIT.timedOut;
  return status >= 500 || status === 429 ? EXIT.unreachable : EXIT.invalidInput;
}
