/**
 * Links and monitors, as in Erlang: a link makes two processes share an abnormal end, a monitor only tells of an end.
 *
 * A linked process is ended by cancellation: its offer is withdrawn and its `finally` blocks run. A normal or orderly end is not shared. Ends travel
 * along chains of links. A process that wants to be told in place of ending is monitored, not linked.
 */
import { MisuseError } from '../errors.ts';
import type { Process } from '../process.ts';
import { type Exit, exitOf, isAbnormal, LinkedExitError } from './exit.ts';

/**
 * Links two processes until either is over, or the result is called. A process that is over already counts: its end is shared at once.
 *
 * @throws MisuseError for a process and itself, or processes of two networks
 * @example
 * const unlink = link(reader, writer);
 */
export function link(one: Process, other: Process): () => void {
  if (one === other) throw new MisuseError(`process ${one.name} cannot be linked to itself`);
  if (one.network !== other.network)
    throw new MisuseError(`processes ${one.name} and ${other.name} belong to two networks; links stay within one`);
  let linked = true;
  const share = (ended: Process, survivor: Process): void => {
    if (!linked) return;
    linked = false;
    const exit = exitOf(ended);
    if (!isAbnormal(exit) || survivor.isOver) return;
    const cause = new LinkedExitError(ended.name, ended.error);
    // A process that is at work is ended as soon as it is not: it cannot be stopped in the middle of a step.
    if (survivor.network.current === survivor) defer(survivor, cause);
    else survivor.network.cancel(survivor, cause);
  };
  one.whenOver((ended) => share(ended, other));
  other.whenOver((ended) => share(ended, one));
  return () => {
    linked = false;
  };
}

/** Calls `told` once when the process is over; at once when it is already. The result ends the monitoring. */
export function monitor(process: Process, told: (exit: Exit, process: Process) => void): () => void {
  let monitoring = true;
  process.whenOver((ended) => {
    if (monitoring) told(exitOf(ended), ended);
    monitoring = false;
  });
  return () => {
    monitoring = false;
  };
}

function defer(process: Process, cause: LinkedExitError): void {
  process.network.spawn(
    `end of ${process.name}`,
    // biome-ignore lint/correctness/useYield: it does one thing, in a turn of its own.
    function* () {
      process.network.cancel(process, cause);
    },
    { service: true },
  );
}
