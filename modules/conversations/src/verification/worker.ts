/** The thread in which scripts are examined: it may be slow, run out of memory or be killed, and the server lives on. */
import { getHeapStatistics } from 'node:v8';
import { parentPort, resourceLimits } from 'node:worker_threads';
import { examine, type Job, type Memory } from './examine.ts';

export interface Request {
  readonly id: number;
  readonly job: Job;
}

export type Reply =
  /** Said once, when the checker is loaded: before, time is not the script's. */
  | { readonly id: 0; readonly ready: true }
  | { readonly id: number; readonly examination: ReturnType<typeof examine> }
  | { readonly id: number; readonly fault: string };

/** Where the heap is full in the middle of an allocation the whole process ends, so a check stops well before. */
const PART_OF_HEAP = 0.7;
const memory: Memory = {
  byteCount: () => getHeapStatistics().used_heap_size,
  byteCountMax: (resourceLimits.maxOldGenerationSizeMb ?? 512) * 2 ** 20 * PART_OF_HEAP,
};

parentPort?.on('message', ({ id, job }: Request) => {
  let reply: Reply;
  try {
    reply = { id, examination: examine(job, () => performance.now(), memory) };
  } catch (error) {
    reply = { id, fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
  parentPort?.postMessage(reply);
});

parentPort?.postMessage({ id: 0, ready: true } satisfies Reply);
