/**
 * Scripts are examined in a thread of their own, one at a time, within bounds on time and memory.
 *
 * A script that ends the thread gets the verdict `unknown`; the next one gets a new thread.
 */
import { Worker } from 'node:worker_threads';
import { canonicalBytes } from '@enhanced-csp/engine/canonical';
import type { Cache, Clock, Hash, Log } from '@enhanced-csp/platform';
import { fault } from '../fault.ts';
import type { Examination, Job } from './examine.ts';
import type { Reply, Request } from './worker.ts';

/** Time a thread gets to end by itself after its deadline. */
const GRACE_MS = 1000;
/** Time a thread gets to load the checker, on a busy machine. */
const START_MS = 60_000;
const IDLE_MS = 30_000;
const KNOWN_MS = 24 * 3_600_000;

interface Waiting {
  readonly job: Job;
  resolve(examination: Examination): void;
  reject(fault: unknown): void;
}

/** A thread, and who listens to it now. */
interface Thread {
  readonly worker: Worker;
  ready: boolean;
  hear: (reply: Reply) => void;
  ended: (why: string) => void;
}

export interface VerifierOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly hash: Hash;
  readonly cache: Cache;
  /** Of the checker: what another one decided is not taken over. */
  readonly version: string;
  readonly queueMax: number;
  readonly memoryMb: number;
}

export class Verifier {
  readonly #options: VerifierOptions;
  readonly #queue: Waiting[] = [];
  #thread: Thread | undefined;
  #busy = false;
  #closed = false;
  #cancelIdle: () => void = () => {};
  #lastId = 0;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** What is decided of a script is decided for ever; the same script under another name is examined once. */
  async examine(job: Job): Promise<Examination> {
    const { cache, hash, version } = this.#options;
    const { file, ...asked } = job;
    const key = Buffer.from(hash.sha256(canonicalBytes({ ...asked, version }))).toString('base64url');
    const known = await cache.through(
      `verification:${key}`,
      { ttlMs: KNOWN_MS, keep: ({ examination }) => isDecided(job, examination) },
      async () => ({ file, examination: await this.#examine(job) }),
    );
    return known.file === file ? known.examination : renamed(known.examination, known.file, file);
  }

  /** After those that were asked for before. */
  #examine(job: Job): Promise<Examination> {
    if (this.#closed) return Promise.reject(fault('CSP-CNV-016', 'the platform is stopping'));
    if (this.#queue.length >= this.#options.queueMax)
      return Promise.reject(fault('CSP-CNV-013', `${this.#queue.length} scripts wait to be checked`));
    return new Promise((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      void this.#work();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelIdle();
    for (const waiting of this.#queue.splice(0)) waiting.reject(fault('CSP-CNV-016', 'the platform is stopping'));
    await this.#end();
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#cancelIdle();
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      try {
        next.resolve(await this.#run(next.job));
      } catch (error) {
        next.reject(error);
      }
    }
    this.#busy = false;
    if (!this.#closed) this.#cancelIdle = this.#options.clock.after(IDLE_MS, () => void this.#end());
  }

  #run(job: Job): Promise<Examination> {
    const { clock, log } = this.#options;
    const thread = (this.#thread ??= this.#newThread());
    const request: Request = { id: ++this.#lastId, job };
    return new Promise((resolve) => {
      const finish = (examination: Examination, end: boolean): void => {
        cancel();
        thread.hear = () => {};
        thread.ended = () => {};
        if (end) void this.#end();
        resolve(examination);
      };
      const late = (): void => finish(undecided(job, 'stopped: the limit on time was reached'), true);
      let cancel = clock.after(thread.ready ? job.timeoutMs + GRACE_MS : START_MS, late);
      thread.ended = (why) => finish(undecided(job, why), true);
      thread.hear = (reply) => {
        if ('ready' in reply) {
          cancel();
          cancel = clock.after(job.timeoutMs + GRACE_MS, late);
        } else if ('examination' in reply && reply.id === request.id) {
          finish(reply.examination, false);
        } else if ('fault' in reply && reply.id === request.id) {
          log.error({ file: job.file, fault: reply.fault }, 'the checker failed on a script');
          finish(undecided(job, `the checker failed: ${reply.fault}`), true);
        }
      };
      thread.worker.postMessage(request);
    });
  }

  #newThread(): Thread {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#options.memoryMb },
      execArgv: [],
    });
    const thread: Thread = { worker, ready: false, hear: () => {}, ended: () => {} };
    worker.on('message', (reply: Reply) => {
      thread.ready = true;
      thread.hear(reply);
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const spent = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (!spent) this.#options.log.error({ fault: error.message }, 'the checking thread failed');
      thread.ended(spent ? 'stopped: the limit on memory was reached' : `the checker failed: ${error.message}`);
    });
    worker.on('exit', () => thread.ended('stopped: the checking thread ended'));
    return thread;
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.worker.terminate();
  }
}

/** Limits decide nothing. */
function isDecided({ until }: Job, { verdict, reason }: Examination): boolean {
  return reason === undefined && (until === 'load' || verdict !== 'unknown');
}

function renamed(examination: Examination, from: string, to: string): Examination {
  const diagnostics = examination.diagnostics.map((one) => (one.file === from ? { ...one, file: to } : one));
  return { ...examination, diagnostics };
}

/** Nobody may take a script that could not be examined for a good one. */
function undecided(job: Job, reason: string): Examination {
  const place = { file: job.file, line: 1, column: 1 };
  const note = { severity: 'warning' as const, code: 'CSP-CHK-002', ...place, message: `not decided: ${reason}` };
  return {
    wellFormed: true,
    diagnostics: [note],
    system: job.system,
    roles: job.roles ?? [],
    verdict: 'unknown',
    assertions: [],
    reason,
  };
}
