/**
 * The report of a deadlock: who waits, for what, where in the source, and the circle they wait in.
 *
 * That it is a deadlock is exact: the network is quiescent, and neither time nor anything outside can change that. Who could have answered is
 * known from declared ends and from who was seen at the other end last; where neither is known, any blocked process might have been.
 */
import type { Waiting } from './operation.ts';
import type { Process } from './process.ts';
import { type SourceLine, sourceLineOf } from './source-line.ts';

export interface Blocked {
  readonly process: string;
  readonly waitsIn: 'send' | 'receive' | 'sync' | 'choice' | 'sleep';
  readonly ends: readonly {
    readonly channel: string;
    readonly action: 'send' | 'receive' | 'sync';
    /** Processes known for the other end; `over` ones will never answer. */
    readonly partners: readonly { readonly process: string; readonly over: boolean }[];
  }[];
  /** Where the operation is written. */
  readonly at: SourceLine | undefined;
}

/** All processes that could go on wait for each other. `cycle` is the circle, each waiting for the next and the last for the first. */
export class DeadlockError extends Error {
  readonly blocked: readonly Blocked[];
  readonly cycle: readonly Blocked[];
  constructor(blocked: readonly Blocked[], cycle: readonly Blocked[]) {
    super(inWords(blocked, cycle));
    this.name = 'DeadlockError';
    this.blocked = blocked;
    this.cycle = cycle;
  }
}

/** `blocked` are all the processes of a quiescent network that are not over: first those that must end, then the services. */
export function diagnose(blocked: readonly Process[]): DeadlockError {
  const reports = new Map<Process, Blocked>();
  for (const process of blocked) reports.set(process, reportOf(process));
  const cycle = circle(blocked).map((process) => reports.get(process)!);
  return new DeadlockError([...reports.values()], cycle);
}

function reportOf(process: Process): Blocked {
  const waits = process.blockedIn();
  const first = waits[0]!;
  return {
    process: process.name,
    waitsIn: first.kind,
    ends: waits
      .flatMap((waiting) => waiting.ends())
      .map((end) => ({
        channel: end.channel,
        action: end.action,
        partners: end.partners().map((partner) => ({ process: partner.name, over: partner.isOver })),
      })),
    at: locate(process, first),
  };
}

/**
 * Where a process waits. A suspended generator does not tell; but resuming it while it waits only calls `next` of the operation it is suspended
 * in, which parks again, and the stack of that call runs through the line in question.
 */
function locate(process: Process, waiting: Waiting): SourceLine | undefined {
  const { generator, network } = process;
  if (generator !== null) {
    const interrupted = network.current;
    network.current = process;
    generator.next();
    network.current = interrupted;
  }
  return waiting.origin === null ? undefined : sourceLineOf(waiting.origin);
}

/** Follows from each process one it waits for, until one comes again. */
function circle(blocked: readonly Process[]): Process[] {
  const path: Process[] = [];
  for (let at = blocked[0]!; !path.includes(at); at = successor(at, blocked)) path.push(at);
  return path.slice(path.indexOf(successor(path.at(-1)!, blocked)));
}

function successor(process: Process, blocked: readonly Process[]): Process {
  const ends = process.blockedIn().flatMap((waiting) => waiting.ends());
  for (const end of ends)
    for (const partner of end.partners()) if (partner !== process && blocked.includes(partner)) return partner;
  // Nobody is known: anybody who waits elsewhere might have come.
  const channels = new Set(ends.map((end) => `${end.action} ${end.channel}`));
  const others = blocked.filter((other) => other !== process);
  const elsewhere = others.find((other) =>
    other.blockedIn().some((waiting) => waiting.ends().some((end) => !channels.has(`${end.action} ${end.channel}`))),
  );
  return elsewhere ?? process;
}

function inWords(blocked: readonly Blocked[], cycle: readonly Blocked[]): string {
  if (cycle.length === 1) {
    const [only] = cycle as [Blocked];
    const other = only.ends.length === 1 && only.ends[0]!.action === 'send' ? 'receive' : 'answer';
    const rest = blocked.filter((process) => process !== only);
    const hint =
      rest.length === 0 && other === 'receive' ? '; receive in another process, or give the channel a buffer' : '';
    return [`deadlock: ${line(only)}, and no other process can ${other}${hint}`, ...rest.map(indented)].join('\n');
  }
  const outside = blocked.filter((process) => !cycle.includes(process));
  return [
    `deadlock: ${cycle.map((process) => process.process).join(' → ')} → ${cycle[0]!.process}`,
    ...cycle.map(indented),
    ...outside.map(indented),
  ].join('\n');
}

function indented(blocked: Blocked): string {
  return `  ${line(blocked)}`;
}

function line(blocked: Blocked): string {
  const where = blocked.at === undefined ? '' : ` (${blocked.at.file}:${blocked.at.line}:${blocked.at.column})`;
  if (blocked.ends.length === 0) return `${blocked.process} waits for time to pass${where}`;
  const ends = blocked.ends.map(({ channel, action, partners }) => {
    const over = partners.filter((partner) => partner.over).map((partner) => partner.process);
    return `to ${action} on ${channel}${over.length === 0 ? '' : `, where ${over.join(', ')} is over`}`;
  });
  return `${blocked.process} waits ${ends.join(' or ')}${where}`;
}
