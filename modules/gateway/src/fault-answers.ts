/** What was thrown, as an answer: a problem document with its headers. What is a defect, or the store's trouble, is logged here, once. */
import type { ErrorTable, Fault, Log, TraceContext } from '@enhanced-csp/platform';
import type { FastifyRequest } from 'fastify';
import type { Answer } from './idempotency.ts';
import { faultOf, type Problem, problemOf } from './problem.ts';

export class FaultAnswers {
  readonly #log: Log;
  readonly #debug: boolean;
  readonly #errors: () => ErrorTable;
  readonly #traceOf: (request: FastifyRequest) => TraceContext | undefined;

  constructor(needs: {
    readonly log: Log;
    /** Answers to defects carry their stack. */
    readonly debug: boolean;
    errors(): ErrorTable;
    traceOf(request: FastifyRequest): TraceContext | undefined;
  }) {
    this.#log = needs.log;
    this.#debug = needs.debug;
    this.#errors = () => needs.errors();
    this.#traceOf = (request) => needs.traceOf(request);
  }

  /** `instance`: the path that was asked for. */
  at(
    instance: string,
    request: string,
    thrown: unknown,
    trace?: string,
  ): { readonly fault: Fault; readonly problem: Problem } {
    const fault = faultOf(thrown, { debug: this.#debug });
    const known = problemOf(fault, this.#errors(), instance, request);
    const problem = trace === undefined ? known : { ...known, trace_id: trace };
    if (problem.status >= 500)
      this.#log.error({ request, trace, code: fault.code, cause: stackOf(fault.cause) }, fault.message);
    return { fault, problem };
  }

  of(thrown: unknown, request: FastifyRequest) {
    const path = request.url.split('?')[0] ?? '/';
    const { fault, problem } = this.at(path, request.id, thrown, this.#traceOf(request)?.traceId);
    const { allow } = fault.details;
    const headers = { ...retryAfter(fault, problem), ...(Array.isArray(allow) ? { allow: allow.join(', ') } : {}) };
    return { fault, problem, headers };
  }

  asAnswer(thrown: unknown, request: FastifyRequest): Answer {
    const { problem, headers } = this.of(thrown, request);
    return {
      status: problem.status,
      headers: { ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
      body: JSON.stringify(problem),
    };
  }
}

export function retryAfter(fault: Fault, { status }: Problem): { readonly 'retry-after'?: string } {
  const wait = fault.details.retry_after_seconds ?? (status === 503 ? 1 : undefined);
  return typeof wait === 'number' ? { 'retry-after': String(wait) } : {};
}

function stackOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.stack : cause === undefined ? undefined : String(cause);
}
