/** What the command's exit status means; the table of the manual, and the one `csp --help` ends with. */
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
