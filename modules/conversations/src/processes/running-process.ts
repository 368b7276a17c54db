/**
 * A running atomic process: its verified behavior, performed against the channels of the platform.
 *
 * At each node it offers everything its behavior can do there, as one choice over all its channels; the first partner decides. The communication and
 * the new state of the process are one commit, so after a restart it goes on exactly where it was.
 */
import { type Monitor, monitorOf } from '@enhanced-csp/engine/runtime';
import { type Change, type Clock, Fault, type TraceContext } from '@enhanced-csp/platform';
import type { Channels } from '../channels/channels.ts';
import type { Message } from '../channels/message.ts';
import { Choice, type Communicated, type Party } from '../channels/offer.ts';
import { type BehaviorTable, normalFormOf } from '../verification/behavior-table.ts';
import { MESSAGE } from './steps.ts';

/** Where a process stands: all that its future depends on. */
export interface Position {
  readonly node: number;
  readonly events: number;
  /** What it received last, to be passed on. */
  readonly held: { readonly type: string; readonly data: unknown } | null;
}

export type Ending =
  | { readonly kind: 'terminated' }
  /** It can do nothing more, and has not terminated: its behavior stops. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Between two tries, when a channel cannot be used for a while. */
const RETRY_MS = 250;

interface Plan {
  readonly process_id: string;
  readonly table: BehaviorTable;
  readonly inputs: readonly string[];
  /** Identifiers of the channels, by name. */
  readonly channels: Readonly<Record<string, string>>;
  readonly position: Position;
}

interface Needs {
  readonly clock: Clock;
  readonly channels: Channels;
  /** What makes a new position durable, and the event that led to it. */
  changesTo(position: Position, event: string): readonly Change[];
  /** After the position is durable. */
  onEvent(event: string, position: Position): void;
}

export class RunningProcess {
  readonly #plan: Plan;
  readonly #needs: Needs;
  readonly #monitor: Monitor;
  #position: Position;
  #choice = new Choice();
  #stopping = false;
  #cpuMicroseconds = 0;
  /** Of its last communication: what it does next follows from it. */
  #trace: TraceContext | undefined;
  readonly ended: Promise<Ending | undefined>;

  constructor(plan: Plan, needs: Needs) {
    this.#plan = plan;
    this.#needs = needs;
    this.#monitor = monitorOf(normalFormOf(plan.table));
    this.#position = plan.position;
    this.ended = this.#run().catch(
      (cause: unknown): Ending => ({
        kind: 'failed',
        reason: cause instanceof Error ? cause.message : String(cause),
      }),
    );
  }

  get position(): Position {
    return this.#position;
  }

  /** Processor time of this process alone, measured around its own steps. */
  get cpuMilliseconds(): number {
    return this.#cpuMicroseconds / 1000;
  }

  /** What it keeps in memory of its own: the table of its behavior, and the message it holds. */
  get memoryBytes(): number {
    const { held } = this.#position;
    return this.#monitor.bytes + (held === null ? 0 : Buffer.byteLength(JSON.stringify(held)));
  }

  /** Withdraws what it offers; resolves when nothing of it is under way. A communication that has begun is finished first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#withdraw();
    await this.ended;
  }

  #withdraw = (): void => {};

  async #run(): Promise<Ending | undefined> {
    while (!this.#stopping) {
      const ending = this.#ending();
      if (ending !== undefined) return ending;
      try {
        await this.#offerAll();
      } catch (cause) {
        // Nothing was communicated, and the position stands: a disk that is full for a while does not end a process.
        if (!(cause instanceof Fault && (cause.kind === 'unavailable' || cause.kind === 'too many'))) throw cause;
        await this.#pause();
      }
    }
    return undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#needs.clock.after(RETRY_MS, resolve);
      this.#withdraw = () => {
        cancel();
        resolve();
      };
    });
  }

  #ending(): Ending | undefined {
    const { node } = this.#position;
    if (this.#monitor.terminated(node)) return { kind: 'terminated' };
    return this.#monitor.expected(node).length === 0 ? { kind: 'stopped' } : undefined;
  }

  /** One choice over everything that is possible now; `undefined` when it was withdrawn. */
  async #offerAll(): Promise<Communicated | undefined> {
    const names = this.#monitor.expected(this.#position.node).map((id) => this.#monitor.alphabet.nameOf(id));
    // Rotated, so that a channel that is always ready does not starve the others.
    const first = this.#position.events % names.length;
    const events = [...names.slice(first), ...names.slice(0, first)];
    const channels = await Promise.all(events.map((event) => this.#needs.channels.get(this.#channelOf(event).id)));
    if (this.#stopping) return undefined;
    return new Promise((resolve, reject) => {
      this.#choice = new Choice();
      this.#withdraw = () => {
        if (this.#choice.close()) resolve(undefined);
      };
      const choice = this.#choice;
      for (const [index, event] of events.entries()) {
        if (!choice.open) break;
        const party = this.#party(event);
        const offer = { choice, party, resolve, reject };
        if (this.#channelOf(event).input) channels[index]!.receive({ ...offer, filter: {} });
        else channels[index]!.send({ ...offer, message: this.#message() });
      }
    });
  }

  #party(event: string): Party {
    let next: Position | undefined;
    return {
      name: this.#plan.process_id,
      trace: this.#trace,
      traced: (trace) => {
        this.#trace = trace;
      },
      changes: (message) =>
        this.#measured(() => [...this.#needs.changesTo((next = this.#after(event, message)), event)]),
      settle: (commit) => {
        const position = next!;
        // Before whoever awaits the communication: the position has changed when the next choice is made.
        commit.then(
          () => {
            this.#position = position;
            this.#needs.onEvent(event, position);
          },
          () => {},
        );
      },
    };
  }

  #after(event: string, message: Message): Position {
    const { node, events, held } = this.#position;
    const { type, data } = message;
    return {
      node: this.#monitor.stepByName(node, event),
      events: events + 1,
      held: this.#channelOf(event).input ? { type, data } : held,
    };
  }

  #message(): Message {
    const { held } = this.#position;
    return { type: held?.type ?? MESSAGE, data: held?.data ?? null, sender: this.#plan.process_id, priority: 'normal' };
  }

  #channelOf(event: string): { id: string; input: boolean } {
    const [name] = event.split('.') as [string];
    return { id: this.#plan.channels[name]!, input: this.#plan.inputs.includes(name) };
  }

  #measured<Result>(work: () => Result): Result {
    const before = process.threadCpuUsage();
    const result = work();
    const { user, system } = process.threadCpuUsage(before);
    this.#cpuMicroseconds += user + system;
    return result;
  }
}
