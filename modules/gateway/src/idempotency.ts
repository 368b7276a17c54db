/**
 * Idempotency keys: a request that is sent again with its key is not done again, it gets its answer again. For 24 hours, over restarts.
 *
 * A key is claimed durably before the operation runs and filled with the answer after it. So a request whose server was killed in between is
 * neither repeated nor called done: its key answers that the outcome is not known.
 */
import { type Capabilities, type Collection, Fault } from '@enhanced-csp/platform';

export const IDEMPOTENCY_KEYS = {
  name: 'idempotency_keys',
  fields: { expires: 'integer' },
} as const satisfies Collection;

const KEPT_MS = 24 * 60 * 60 * 1000;
/** After this many claims, keys that are over are forgotten, some at a time. */
const CLAIMS_PER_SWEEP = 100;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Kept {
  readonly fingerprint: string;
  readonly expires: number;
  /** Absent while the request runs. */
  readonly answer?: Answer;
}

export class IdempotencyKeys {
  readonly #needs: Pick<Capabilities, 'store' | 'hash' | 'clock'>;
  readonly #running = new Set<string>();
  #claims = 0;

  constructor(needs: Pick<Capabilities, 'store' | 'hash' | 'clock'>) {
    this.#needs = needs;
  }

  /**
   * @param key as the caller sent it.
   * @param request everything that makes it this request: the principal, the operation, the input.
   * @param perform answers faults too; one with a status that says nothing was done (429, 503, 504) frees the key.
   * @throws Fault `CSP-GTW-017` to `CSP-GTW-020`
   */
  async once(
    key: string,
    request: { readonly principal: string; readonly operation: string; readonly input: unknown },
    perform: () => Promise<Answer>,
  ): Promise<Answer> {
    refuseMalformed(key);
    const id = this.#digest([request.principal, key]);
    const fingerprint = this.#digest([request.operation, request.input]);
    if (this.#running.has(id)) throw stillRunning();
    this.#running.add(id);
    try {
      const stored = await this.#needs.store.get<Kept>(IDEMPOTENCY_KEYS.name, id);
      const now = this.#needs.clock.now();
      const kept = stored !== undefined && stored.body.expires > now ? stored.body : undefined;
      if (kept !== undefined) {
        if (kept.fingerprint !== fingerprint)
          throw new Fault(
            'CSP-GTW-017',
            'unprocessable',
            'This idempotency key belongs to a request with another content.',
          );
        if (kept.answer === undefined)
          throw new Fault('CSP-GTW-019', 'conflict', 'The server ended while the request with this key ran.');
        return { ...kept.answer, headers: { ...kept.answer.headers, 'idempotency-replayed': 'true' } };
      }
      const claim = { fingerprint, expires: now + KEPT_MS };
      await this.#put(id, claim, stored?.version ?? 0);
      const answer = await perform();
      if (nothingWasDone(answer.status))
        await this.#needs.store.commit([{ change: 'delete', collection: IDEMPOTENCY_KEYS.name, id }]);
      else await this.#put(id, { ...claim, answer });
      if (++this.#claims % CLAIMS_PER_SWEEP === 0) await this.#sweep(now);
      return answer;
    } finally {
      this.#running.delete(id);
    }
  }

  async #put(id: string, body: Kept, ifVersion?: number): Promise<void> {
    const record = { collection: IDEMPOTENCY_KEYS.name, id, fields: { expires: body.expires }, body };
    const condition = ifVersion === undefined ? {} : { ifVersion };
    await this.#needs.store.commit([{ change: 'put', ...record, ...condition }]);
  }

  async #sweep(now: number): Promise<void> {
    const oldest = { orderBy: 'expires', limit: CLAIMS_PER_SWEEP * 2, offset: 0 };
    const { records } = await this.#needs.store.find<Kept>(IDEMPOTENCY_KEYS.name, oldest);
    const over = records.filter(({ body }) => body.expires <= now);
    if (over.length === 0) return;
    await this.#needs.store.commit(
      over.map(({ id }) => ({ change: 'delete', collection: IDEMPOTENCY_KEYS.name, id }) as const),
    );
  }

  #digest(parts: readonly unknown[]): string {
    return Buffer.from(this.#needs.hash.sha256(Buffer.from(JSON.stringify(parts)))).toString('hex');
  }
}

/** Visible ASCII, up to 255 characters; quoted (as the header field draft has it) or not. */
function refuseMalformed(key: string): void {
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new Fault('CSP-GTW-020', 'invalid', 'Idempotency-Key is not 1 to 255 visible characters of ASCII.');
}

function stillRunning(): Fault {
  return new Fault('CSP-GTW-018', 'conflict', 'The request with this idempotency key still runs.', {
    details: { retry_after_seconds: 1 },
  });
}

function nothingWasDone(status: number): boolean {
  return status === 429 || status === 503 || status === 504;
}
