/** The thread in which scripts are examined: it may be slow, run out of memory or be killed, and the server lives on. */
import { parentPort } from 'node:worker_threads';
import { examine, type Job } from './examine.ts';

export interface Request {
  readonly id: number;
  readonly job: Job;
}

export type Reply =
  /** Said once, when the checker is loaded: before, time is not the script's. */
  | { readonly id: 0; readonly ready: true }
  | { readonly id: number; readonly examination: ReturnType<typeof examine> }
  | { readonly id: number; readonly fault: string };

parentPort?.on('message', ({ id, job }: Request) => {
  let reply: Reply;
  try {
    reply = { id, examination: examine(job, () => performance.now()) };
  } catch (error) {
    reply = { id, fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
  parentPort?.postMessage(reply);
});

parentPort?.postMessage({ id: 0, ready: true } satisfies Reply);
