/** The part of the cache that servers share: a session with Redis while there is one, and the way back to it. */
import { type Clock, Fault, type Log } from '@enhanced-csp/platform';
import { EVERYTHING, Session, type SessionOptions } from './session.ts';

const PENDING_MAX = 1000;
const PAUSE_MS = { first: 50, longest: 5000 };

export interface SharedOptions extends Omit<SessionOptions, 'monotonic' | 'ended' | 'heard'> {
  readonly clock: Clock;
  readonly log: Log;
  readonly healthCheckMs: number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly heard: (tags: readonly string[]) => void;
  /** What was not heard of while there was no session is not known: everything is to be forgotten. */
  readonly begun: () => void;
  readonly changed: (connected: boolean) => void;
}

export class Shared {
  readonly #options: SharedOptions;
  #session: Session | undefined;
  /** Invalidations the others have not been told. */
  readonly #pending = new Set<string>();
  #cancel: () => void = () => {};
  #pauseMs = PAUSE_MS.first;
  #since: number;
  #reason = 'not connected yet';
  #open = true;

  constructor(options: SharedOptions) {
    this.#options = options;
    this.#since = options.clock.monotonic();
  }

  /** Host and port; never the user or the password. */
  get place(): string {
    return URL.canParse(this.#options.url) ? new URL(this.#options.url).host : 'Redis';
  }

  /** Resolves after the first attempt, whatever became of it. */
  async start(): Promise<void> {
    await this.#connect();
  }

  /** What is said about it: undefined while it is connected. */
  get trouble(): string | undefined {
    if (this.#session !== undefined) return undefined;
    const seconds = Math.round((this.#options.clock.monotonic() - this.#since) / 1000);
    return `${this.place} is away since ${seconds} s (${this.#reason}): answers are kept in memory for moments only`;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** How long a broken connection may go unnoticed. */
  get boundMs(): number {
    return this.#options.healthCheckMs + this.#options.timeoutMs;
  }

  /** @throws Fault `CSP-CCH-001`; it is done then as soon as it can be. */
  async invalidate(tags: readonly string[]): Promise<void> {
    for (const tag of tags) this.#pending.add(tag);
    if (this.#pending.size > PENDING_MAX) {
      this.#pending.clear();
      this.#pending.add(EVERYTHING);
    }
    let cause: unknown;
    try {
      if (this.#session === undefined) throw new Error(this.#reason);
      await this.#session.invalidate(tags);
      for (const tag of tags) this.#pending.delete(tag);
      return;
    } catch (fault) {
      cause = fault;
    }
    throw new Fault(
      'CSP-CCH-001',
      'unavailable',
      `The other servers could not be told that ${tags.join(', ')} changed: ${this.place} is away (${(cause as Error).message}).`,
      { cause, details: { tags } },
    );
  }

  close(): void {
    this.#open = false;
    this.#cancel();
    this.#session?.end(new Error('closed'));
  }

  async #connect(): Promise<void> {
    const { clock, log, begun, changed } = this.#options;
    let session: Session | undefined;
    try {
      session = await Session.begin({
        ...this.#options,
        monotonic: () => clock.monotonic(),
        ended: (cause) => this.#ended(session, cause),
      });
      // Before anybody reads: what is not told yet must not be read back from there.
      const pending = [...this.#pending];
      if (pending.length > 0) await session.invalidate(pending);
      for (const tag of pending) this.#pending.delete(tag);
      if (!this.#open) session.end(new Error('closed'));
      if (!session.isOpen) throw new Error('the connection ended');
      begun();
      this.#session = session;
      this.#pauseMs = PAUSE_MS.first;
      log.info({ redis: this.place }, 'the cache is shared through Redis');
      changed(true);
      this.#checkLater(session);
    } catch (cause) {
      this.#later(cause as Error);
    }
  }

  #ended(session: Session | undefined, cause: Error): void {
    // One that never began is seen to where it was to begin.
    if (session === undefined || session !== this.#session) return;
    const { clock, log, changed } = this.#options;
    this.#session = undefined;
    this.#since = clock.monotonic();
    if (!this.#open) return;
    log.warn({ redis: this.place, cause: cause.message }, 'Redis is away: answers are made anew until it is back');
    changed(false);
    this.#later(cause);
  }

  #later(cause: Error): void {
    this.#reason = cause.message;
    if (!this.#open) return;
    const { clock, chance } = this.#options;
    this.#cancel();
    this.#cancel = clock.after(this.#pauseMs * (0.5 + chance() / 2), () => void this.#connect());
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MS.longest);
  }

  #checkLater(session: Session): void {
    this.#cancel = this.#options.clock.after(this.#options.healthCheckMs, () => {
      session.check().then(
        () => {
          if (session === this.#session) this.#checkLater(session);
        },
        () => {},
      );
    });
  }
}
