/**
 * Problem documents (RFC 9457): the one place where a fault becomes an HTTP status.
 */
import { type ErrorTable, Fault, type FaultKind } from '@enhanced-csp/platform';

const STATUS: Readonly<Record<FaultKind, number>> = {
  invalid: 400,
  unprocessable: 422,
  'not found': 404,
  conflict: 409,
  denied: 403,
  refused: 409,
  'too many': 429,
  'too large': 413,
  'timed out': 504,
  unavailable: 503,
  internal: 500,
};

/** Codes whose status says more than their kind does. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'CSP-GTW-003': 415,
  'CSP-GTW-006': 405,
  'CSP-GTW-024': 412,
  'CSP-PLT-006': 412,
};

export function statusOf(code: string, kind: FaultKind): number {
  return STATUS_OF_CODE[code] ?? STATUS[kind];
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly next: string;
  readonly request_id: string;
  /** Places in the input, by JSON Pointer (RFC 6901). */
  readonly errors?: readonly FieldError[];
  readonly [detail: string]: unknown;
}

export interface FieldError {
  readonly pointer: string;
  readonly in: 'path' | 'query' | 'body';
  readonly detail: string;
}

/** `instance`: the path that was asked for. */
export function problemOf(fault: Fault, errors: ErrorTable, instance: string, requestId: string): Problem {
  const row = errors[fault.code];
  return {
    ...fault.details,
    type: `/errors/${fault.code}`,
    title: row?.title ?? fault.code,
    status: statusOf(fault.code, fault.kind),
    detail: fault.message,
    instance,
    code: fault.code,
    next: row?.next ?? 'Look for the request id in the log.',
    request_id: requestId,
  };
}

/** Anything that was thrown, as a fault. What is no fault is a defect of ours: its message goes to the log, and to the caller only when `debug`. */
export function faultOf(thrown: unknown, options: { readonly debug: boolean }): Fault {
  if (thrown instanceof Fault) return thrown;
  const known = FRAMEWORK_FAULTS[(thrown as { code?: string } | null)?.code ?? ''];
  if (known !== undefined) return new Fault(known.code, known.kind, known.message, { cause: thrown });
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new Fault('CSP-GTW-010', 'internal', 'The request could not be finished because of a defect in the server.', {
    details: options.debug ? { stack } : {},
    cause: thrown,
  });
}

/** Fastify's own errors (https://fastify.dev/docs/latest/Reference/Errors/). */
const FRAMEWORK_FAULTS: Readonly<
  Record<string, { readonly code: string; readonly kind: FaultKind; readonly message: string }>
> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    code: 'CSP-GTW-004',
    kind: 'too large',
    message: 'The body is larger than this server reads.',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'CSP-GTW-003',
    kind: 'invalid',
    message: 'The body is not sent as application/json.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'CSP-GTW-002',
    kind: 'invalid',
    message: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_BAD_URL: { code: 'CSP-GTW-005', kind: 'not found', message: 'The path is not a valid URL.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'CSP-GTW-004', kind: 'too large', message: 'A parameter of the path is too long.' },
};
