/** The work of `csp top`, loaded when the command is called. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clientOf } from '../client.ts';
import type { Flags } from '../commands/top.ts';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { tableOf } from '../readable.ts';

const EVERY_MS = 2000;
/** Processes that are asked for their figures. */
const ASKED_MAX = 100;

export async function top(this: Context, flags: Flags): Promise<void> {
  const url = urlOf(flags, this.env);
  const client = clientOf(url);
  for (let time = 1; ; time++) {
    const [{ system, requests, alerts }, { processes, total }] = await Promise.all([
      client.metrics.read(),
      client.processes.list({ status: 'running', limit: ASKED_MAX }),
    ]);
    const states = await Promise.all(processes.map(({ process_id }) => client.processes.get({ process_id })));
    const busiest = states
      .map(({ process_id, name, metadata }) => ({ process_id, name, ...metadata }))
      .sort((left, right) => right.cpu_milliseconds - left.cpu_milliseconds)
      .slice(0, flags.limit);
    if (flags.json) this.print(JSON.stringify({ url, system, requests, alerts, running: total, processes: busiest }));
    else {
      const { cpu_usage, memory_usage, event_loop_lag_ms, uptime } = system;
      this.print(
        `${this.paint.strong(url)}  up ${uptime} s  cpu ${cpu_usage.toFixed(1)} %  memory ${memory_usage.toFixed(1)} %  lag ${event_loop_lag_ms.toFixed(1)} ms`,
      );
      this.print(
        `${total} processes run, ${requests.total} requests, ${requests.errors} of them faults${alerts.length === 0 ? '' : `, ${this.paint.bad(alerts.join(', '))}`}`,
      );
      this.print(busiest.length === 0 ? this.paint.faint('no process runs') : tableOf(busiest, this.paint));
    }
    if (time === flags.times) return;
    await sleep(EVERY_MS);
  }
}
