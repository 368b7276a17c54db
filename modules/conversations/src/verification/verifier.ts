/**
 * Scripts are examined in a process of their own, one at a time, within bounds on time and memory.
 *
 * A script that ends the process gets the verdict `unknown`; the next one gets a new process. Why not a thread:
 * docs/decisions/0013-checking-process.md.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { canonicalBytes } from '@enhanced-csp/engine/canonical';
import type { Cache, Clock, Hash, Log } from '@enhanced-csp/platform';
import { fault } from '../fault.ts';
import type { Examination, Job } from './examine.ts';
import type { Reply, Request } from './worker.ts';

/** Time a script gets to be done with after its deadline. */
const GRACE_MS = 1000;
/** Time a process gets to load the checker, on a busy machine. */
const START_MS = 60_000;
const IDLE_MS = 30_000;
const KNOWN_MS = 24 * 3_600_000;
/** Characters of what it says before it ends: V8 writes some kilobytes. */
const LAST_WORDS_MAX = 16_384;

interface Waiting {
  readonly job: Job;
  resolve(examination: Examination): void;
  reject(fault: unknown): void;
}

/** A process that examines, and who listens to it now. */
interface Examiner {
  readonly child: ChildProcess;
  /** Kept when it has ended. */
  readonly gone: Promise<void>;
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
  #examiner: Examiner | undefined;
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
    const examiner = (this.#examiner ??= this.#newExaminer());
    const request: Request = { id: ++this.#lastId, job };
    return new Promise((resolve) => {
      const finish = (examination: Examination, end: boolean): void => {
        cancel();
        examiner.hear = () => {};
        examiner.ended = () => {};
        if (end) void this.#end();
        resolve(examination);
      };
      const late = (): void => finish(undecided(job, 'stopped: the limit on time was reached'), true);
      let cancel = clock.after(examiner.ready ? job.timeoutMs + GRACE_MS : START_MS, late);
      examiner.ended = (why) => finish(undecided(job, why), true);
      examiner.hear = (reply) => {
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
      // Where it cannot be sent, the process has ended, and that is told by its end.
      examiner.child.send(request, () => {});
    });
  }

  #newExaminer(): Examiner {
    const { memoryMb, log } = this.#options;
    const child = fork(new URL('./worker.ts', import.meta.url), [String(memoryMb)], {
      execArgv: [`--max-old-space-size=${memoryMb}`],
      // Tables are typed arrays, which JSON does not carry.
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let lastWords = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS_MAX);
    });
    const { promise: gone, resolve: isGone } = Promise.withResolvers<void>();
    const examiner: Examiner = { child, gone, ready: false, hear: () => {}, ended: () => {} };
    child.on('message', (reply: Reply) => {
      examiner.ready = true;
      examiner.hear(reply);
    });
    const end = (how: string): void => {
      isGone();
      const spent = lastWords.includes('heap out of memory');
      if (this.#examiner === examiner) {
        this.#examiner = undefined;
        if (!spent) log.error({ how, lastWords }, 'the checking process ended');
      }
      examiner.ended(`stopped: ${spent ? 'the limit on memory was reached' : `the checking process ended (${how})`}`);
    };
    child.on('error', (error) => {
      // One that never was has no end to wait for.
      if (child.pid === undefined) end(error.message);
    });
    child.on('close', (code, signal) => end(signal ?? `exit code ${code}`));
    return examiner;
  }

  async #end(): Promise<void> {
    const examiner = this.#examiner;
    this.#examiner = undefined;
    examiner?.child.kill('SIGKILL');
    await examiner?.gone;
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
