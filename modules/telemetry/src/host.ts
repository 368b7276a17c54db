/** What the operating system says of this machine and this program. Percentages are 0 to 100. */
import { statfs } from 'node:fs/promises';
import { cpus, freemem, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface HostFigures {
  /** Of all processors of the machine, busy since the figures before. */
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  /** Of the file system of the data folder; undefined: it could not be asked. */
  readonly diskPercent: number | undefined;
  /** How late the event loop was since the figures before. */
  readonly lag: { readonly meanMs: number; readonly maxMs: number };
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

export interface Host {
  read(): Promise<HostFigures>;
  close(): void;
}

const LAG_RESOLUTION_MS = 20;

export function openHost(folder: string): Host {
  const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  delay.enable();
  let before = processorTimes();
  let busyPercent: number | undefined;
  let lag: HostFigures['lag'] | undefined;

  /** Takes what is new; between two ticks of the machine or of the monitor nothing is, and the figures before stand. */
  function measure(): void {
    const now = processorTimes();
    if (now.total > before.total) {
      busyPercent = (100 * (now.busy - before.busy)) / (now.total - before.total);
      before = now;
    }
    if (delay.count > 0) {
      // The monitor counts its own waiting.
      const lagMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - LAG_RESOLUTION_MS);
      lag = { meanMs: lagMs(delay.mean), maxMs: lagMs(delay.max) };
      delay.reset();
    }
  }

  return {
    async read() {
      measure();
      // Only ever at the first reading: a figure that was not measured is not given.
      while (busyPercent === undefined || lag === undefined) {
        await new Promise((resolve) => setTimeout(resolve, LAG_RESOLUTION_MS));
        measure();
      }
      const { user, system } = process.cpuUsage();
      return {
        cpuPercent: Math.min(100, Math.max(0, busyPercent)),
        memoryPercent: 100 * (1 - freeBytes() / totalmem()),
        diskPercent: await diskPercent(folder),
        lag,
        residentBytes: process.memoryUsage.rss(),
        cpuSeconds: (user + system) / 1e6,
      };
    },
    close() {
      delay.disable();
    },
  };
}

function processorTimes(): { readonly busy: number; readonly total: number } {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.irq + times.idle;
    total += all;
    busy += all - times.idle;
  }
  return { busy, total };
}

/** Free and what the system gives back when asked, where it says so. */
function freeBytes(): number {
  return Math.min(totalmem(), Math.max(freemem(), process.availableMemory()));
}

async function diskPercent(folder: string): Promise<number | undefined> {
  try {
    const { blocks, bfree, bavail } = await statfs(folder);
    const used = blocks - bfree;
    return used + bavail > 0 ? (100 * used) / (used + bavail) : undefined;
  } catch {
    return undefined;
  }
}
