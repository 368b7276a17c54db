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
    let signal: AbortSignal | undefined;
    const gone = () => this.#goneSignal(reply);
    return {
      principal: OPERATOR,
      requestId: request.id,
      trace: this.#traceOf(request),
      address: request.ip,
      ifVersions: versionsOf(request.headers['if-match']),
      // Made only for the operations that look at it.
      get signal() {
        signal ??= gone();
        return signal;
      },
    };
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
