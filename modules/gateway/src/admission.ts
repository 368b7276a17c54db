/** How often one address may come: by class of operation, and at all if it is not of this machine. */
import { type Call, type Clock, Fault, type Operation } from '@enhanced-csp/platform';
import type { FastifyReply } from 'fastify';
import { isLoopback } from './origin.ts';
import { type Limit, RateLimiter } from './rate.ts';

/** Every method throws `CSP-GTW-008` when there are too many. */
export class Admission {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #byClass: ReadonlyMap<string, RateLimiter>;
  readonly #strangers: RateLimiter | undefined;

  constructor(
    limits: { readonly rate: Readonly<Record<string, Limit>>; readonly anonymous?: Limit },
    clock: Pick<Clock, 'monotonic'>,
  ) {
    const limiter = (limit: Limit) => (limit.perMinute === 0 ? undefined : new RateLimiter(limit));
    this.#clock = clock;
    this.#byClass = new Map(
      Object.entries(limits.rate).flatMap(([rateClass, limit]) => {
        const made = limiter(limit);
        return made === undefined ? [] : [[rateClass, made] as const];
      }),
    );
    this.#strangers = limits.anonymous && limiter(limits.anonymous);
  }

  /** A request for an operation of a class; its answer says what is left. Undefined where there is no limit. */
  ofClass(rateClass: string): ((address: string, reply: FastifyReply) => void) | undefined {
    const limiter = this.#byClass.get(rateClass);
    return limiter && ((address, reply) => this.#tell(limiter, address, reply));
  }

  /** A request of any kind. */
  request(address: string, reply: FastifyReply): void {
    if (this.#strangers !== undefined && isStranger(address)) this.#tell(this.#strangers, address, reply);
  }

  /** What is performed without a request of its own. */
  call({ rateClass }: Operation, { address = '' }: Call): void {
    const limiter = this.#byClass.get(rateClass);
    if (limiter !== undefined) this.#admit(limiter, address);
  }

  /** What comes over a WebSocket, or asks for one. */
  frame(address: string): void {
    if (this.#strangers !== undefined && isStranger(address)) this.#admit(this.#strangers, address);
  }

  #tell(limiter: RateLimiter, address: string, reply: FastifyReply): void {
    const { perMinute, burst } = limiter.limit;
    reply.header('ratelimit-policy', `"minute";q=${perMinute};w=60;burst=${burst}`);
    reply.header('ratelimit', `"minute";r=${this.#admit(limiter, address)}`);
  }

  /** How many more may come at once. */
  #admit(limiter: RateLimiter, address: string): number {
    const admission = limiter.admit(address, this.#clock.monotonic());
    if (admission.admitted) return admission.remaining;
    const { perMinute } = limiter.limit;
    const seconds = Math.ceil(admission.retryAfterMs / 1000);
    throw new Fault(
      'CSP-GTW-008',
      'too many',
      `More than ${perMinute} requests of this kind a minute. Wait ${seconds} s.`,
      { details: { retry_after_seconds: seconds } },
    );
  }
}

/** Not of this machine. IPv4, also as IPv6 writes it. */
function isStranger(address: string): boolean {
  return !isLoopback(address.replace(/^::ffff:/, ''));
}
