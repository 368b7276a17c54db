/** How much memory the process takes, and how much it may. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a check is told about memory. What the assertions before have left behind does not count: it is collected before the bound is said to be reached. */
export function memoryBound(megabytes: number | undefined): { byteCount: () => number; byteCountMax?: number } {
  const byteCount = (): number => process.memoryUsage.rss();
  if (megabytes === undefined) return { byteCount };
  const byteCountMax = megabytes * 2 ** 20;
  let collect: (() => void) | undefined;
  return {
    byteCountMax,
    byteCount: () => {
      if (byteCount() <= byteCountMax) return byteCount();
      collect ??= collector();
      // The first collection may leave large arrays to be freed beside the program; the second waits for that.
      collect();
      collect();
      return byteCount();
    },
  };
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
