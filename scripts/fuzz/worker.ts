/** Runs one job and tells its parent how far it is. */
import { type Job, run, type Total } from './run.ts';

export type Told = { readonly total: Total } | { readonly difference: string };

/** Milliseconds between two words to the parent. */
const INTERVAL_MS = 1_000;

process.on('message', (job: Job) => {
  const tell = (told: Told): boolean | undefined => process.send?.(told);
  let last = performance.now();
  let latest: Total | undefined;
  const difference = run(job, (total) => {
    latest = total;
    if (performance.now() - last < INTERVAL_MS) return;
    last = performance.now();
    tell({ total });
  });
  if (latest !== undefined) tell({ total: latest });
  if (difference !== undefined) tell({ difference });
  process.disconnect();
});
