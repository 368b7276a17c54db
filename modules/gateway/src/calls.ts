/** Calls: who asks, under which id, and when to give up. All that run are aborted when the server has waited long enough. */
import type { Call, Principal, TraceContext } from '@enhanced-csp/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { versionsOf } from './preconditions.ts';

/** Until there are accounts, everyone who reaches the server is its operator; it listens on a loopback address by default. */
export const OPERATOR: Principal = { id: 'local', roles: ['operator'] };

export class Calls {
  readonly #run: string;
  readonly #traceOf: (request: FastifyRequest) => TraceContext | undefined;
  readonly #stopping = new AbortController();
  /** Of the calls that run and look at their signal. */
  readonly #signals = new Set<AbortController>();
  #requests = 0;

  /** @param run names this run of the server, in the ids of its requests. */
  constructor(run: string, traceOf: (request: FastifyRequest) => TraceContext | undefined) {
    this.#run = run;
    this.#traceOf = traceOf;
    this.#stopping.signal.addEventListener('abort', () => {
      for (const one of this.#signals) one.abort();
    });
  }

  nextId(): string {
    return `${this.#run}-${(++this.#requests).toString(36)}`;
  }

  /** The id that the caller gave, if it is one, or a new one. */
  idOf(given: string | string[] | undefined): string {
    return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : this.nextId();
  }

  of(request: FastifyRequest, reply: FastifyReply): Call {
    return new RequestCall(request, this.#traceOf(request), () => this.#goneSignal(reply));
  }

  /** Of somebody who is connected by a WebSocket; `signal` is aborted when that ends. */
  ofSocket(address: string, signal: AbortSignal): Call {
    const all = AbortSignal.any([this.#stopping.signal, signal]);
    return { principal: OPERATOR, requestId: this.nextId(), address, signal: all };
  }

  abort(): void {
    this.#stopping.abort();
  }

  /** Aborted when the connection closes before the answer is written, or when the server has waited long enough. */
  #goneSignal({ raw }: FastifyReply): AbortSignal {
    const gone = new AbortController();
    if (this.#stopping.signal.aborted) gone.abort();
    this.#signals.add(gone);
    raw.once('close', () => {
      this.#signals.delete(gone);
      if (!raw.writableFinished) gone.abort();
    });
    return gone.signal;
  }
}

/**
 * A class, for the sake of its accessor: V8 allocates the accessor of an object literal in the old generation, from where it keeps the request alive
 * until the next full collection. Young collections then copied every request there had been: 13 ms where 0.4 suffice.
 */
class RequestCall implements Call {
  readonly principal = OPERATOR;
  readonly requestId: string;
  readonly trace: TraceContext | undefined;
  readonly address: string;
  readonly ifVersions: readonly number[] | undefined;
  readonly #gone: () => AbortSignal;
  #signal: AbortSignal | undefined;

  constructor(request: FastifyRequest, trace: TraceContext | undefined, gone: () => AbortSignal) {
    this.requestId = request.id;
    this.trace = trace;
    this.address = request.ip;
    this.ifVersions = versionsOf(request.headers['if-match']);
    this.#gone = gone;
  }

  /** Made only for the operations that look at it. */
  get signal(): AbortSignal {
    return (this.#signal ??= this.#gone());
  }
}
