/**
 * The process in which scripts are examined: it may be slow, run out of memory or be killed, and the server lives on.
 * Its one argument: the megabytes its heap may take.
 */
import { getHeapStatistics } from 'node:v8';
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

/** A check that stops before the heap is full says what it has done, and the process examines the next script. */
const PART_OF_HEAP = 0.7;
const memory: Memory = {
  byteCount: () => getHeapStatistics().used_heap_size,
  byteCountMax: Number(process.argv[2]) * 2 ** 20 * PART_OF_HEAP,
};

const say = (reply: Reply): void => void process.send?.(reply);

process.on('message', ({ id, job }: Request) => {
  try {
    say({ id, examination: examine(job, () => performance.now(), memory) });
  } catch (error) {
    say({ id, fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
});
// An interruption from a terminal reaches every process of its group: when this one ends is for the server to say. It also ends
// when the server is gone, since then nothing is left to wait for.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});

say({ id: 0, ready: true });
