/**
 * Faults: what a caller did wrong or what is missing, as an `Error` with a code.
 *
 * A fault says what kind of trouble it is in the platform's own words; only the gateway knows which HTTP status, and only the CLI which exit
 * code, that becomes.
 */
export type FaultKind =
  | 'invalid' // the request cannot be understood or breaks its schema
  | 'unprocessable' // understood, and refused for what it means: an ill-formed process, an unverified protocol
  | 'not found'
  | 'conflict'
  | 'denied'
  | 'refused' // the protocol does not allow the event now
  | 'too many'
  | 'too large'
  | 'timed out'
  | 'unavailable'
  | 'internal';

/** Known by a mark and not by its class: a module of others may bring a platform of its own, and throws faults of that one. */
const FAULT = Symbol.for('enhanced-csp.fault');

export class Fault extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && FAULT in value;
  }

  readonly [FAULT] = true;
  /** `CSP-<AREA>-<nnn>`, documented in the table of the package that throws it. */
  readonly code: string;
  readonly kind: FaultKind;
  /** Structured particulars: diagnostics, the expected set, a counterexample. Goes into the problem document. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    kind: FaultKind,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.kind = kind;
    this.details = options.details ?? {};
  }
}
