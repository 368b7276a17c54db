/** Cases decided in processes of their own: one that hangs or exhausts its memory is killed, and the next case gets a new process. */
import { type ChildProcess, fork } from 'node:child_process';
import type { Outcome } from './attempt.ts';
import type { Case } from './cases.ts';

export interface Decided {
  readonly subject: Case;
  readonly outcome: Outcome;
  readonly milliseconds: number;
}

export interface WorkerLimits {
  readonly workers: number;
  /** Milliseconds a case may take before its process is killed. */
  readonly killAfterMs: number;
  readonly heapMb: number;
}

/** Decides all cases; `onDecided` hears of each in the order they end. The result is in the order of `cases`. */
export async function decideAll(
  cases: readonly Case[],
  limits: WorkerLimits,
  onDecided: (decided: Decided) => void,
): Promise<readonly Decided[]> {
  const results: Decided[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    let worker: ChildProcess | undefined;
    while (next < cases.length) {
      const index = next++;
      const subject = cases[index]!;
      worker ??= start(limits);
      const from = performance.now();
      const outcome = await ask(worker, subject, limits);
      if (!worker.connected || worker.killed) worker = undefined;
      onDecided((results[index] = { subject, outcome, milliseconds: performance.now() - from }));
    }
    worker?.disconnect();
  };
  await Promise.all(Array.from({ length: limits.workers }, work));
  return results;
}

function start({ heapMb }: WorkerLimits): ChildProcess {
  return fork(new URL('./worker.ts', import.meta.url), {
    execArgv: [`--max-old-space-size=${heapMb}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
}

function ask(worker: ChildProcess, subject: Case, { killAfterMs }: WorkerLimits): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      clearTimeout(timer);
      worker.removeAllListeners();
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      worker.kill('SIGKILL');
      settle({ kind: 'crashed', detail: `hangs: killed after ${killAfterMs} ms` });
    }, killAfterMs);
    worker.once('message', (outcome: Outcome) => settle(outcome));
    worker.once('exit', (code, signal) => {
      worker.kill();
      settle({ kind: 'crashed', detail: `the process ended: ${signal ?? code}` });
    });
    worker.send(subject);
  });
}
