/**
 * A running process: its verified behavior, performed against the channels of the platform.
 *
 * At each node it offers everything its behavior can do there, as one choice over all its channels; the first partner decides. What its parts can do
 * among themselves it does alone, first: whoever offers meets a process that waits for others only. Where it may terminate it waits for nobody: tick is
 * not the environment's to refuse, so a partner that is there decides, and if there is none it ends. Each step and the new state of the process are one
 * commit, so after a restart it goes on exactly where it was.
 */
import { TICK } from '@enhanced-csp/engine/csp';
import { type BehaviorTable, normalFormOf, REFUSED } from '@enhanced-csp/engine/lts';
import { type Monitor, monitorOf } from '@enhanced-csp/engine/runtime';
import { type Change, type Clock, Fault, type Store, type TraceContext } from '@enhanced-csp/platform';
import type { Channels } from '../channels/channels.ts';
import type { Message } from '../channels/message.ts';
import { Choice, type Communicated, type Party } from '../channels/offer.ts';
import { isPassing, RETRY_MS } from '../fault.ts';
import type { Step, Steps } from './step.ts';
import { MESSAGE } from './steps.ts';

/** Where a process stands: all that its future depends on. */
export interface Position {
  readonly node: number;
  /** Visible ones, so far. */
  readonly events: number;
  /** For each atomic part what it received last, to be passed on. */
  readonly held: readonly Held[];
}

export type Held = { readonly type: string; readonly data: unknown } | null;

export type Ending =
  | { readonly kind: 'terminated' }
  /** It can do nothing more, and has not terminated: its behavior stops. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly reason: string };

interface Plan {
  readonly process_id: string;
  readonly table: BehaviorTable;
  readonly steps: Steps;
  /** Identifiers of the channels, by name. */
  readonly channels: Readonly<Record<string, string>>;
  readonly position: Position;
}

interface Needs {
  readonly clock: Clock;
  readonly channels: Channels;
  readonly store: Pick<Store, 'commit'>;
  /** What makes a new position durable, and the event that led to it; `undefined` for a hidden one. */
  changesTo(position: Position, event: string | undefined): readonly Change[];
  /** After the position is durable. */
  onEvent(event: string | undefined, position: Position): void;
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
    // Later: whoever makes it may not know it yet when it does its first step.
    this.ended = Promise.resolve()
      .then(() => this.#run())
      .catch(
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

  /** What it keeps in memory of its own: the table of its behavior, and the messages it holds. */
  get memoryBytes(): number {
    const held = this.#position.held.filter((one) => one !== null);
    return held.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), this.#monitor.bytes);
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
        const performed = await this.#perform();
        if (!performed && !this.#stopping) return { kind: 'terminated' };
      } catch (cause) {
        // As much waits on a channel as may: nobody takes what it offers there.
        if (this.#mayEnd && cause instanceof Fault && cause.kind === 'too many') return { kind: 'terminated' };
        // Nothing was communicated, and the position stands: a disk that is full for a while does not end a process.
        if (!isPassing(cause)) throw cause;
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

  get #mayEnd(): boolean {
    return this.#monitor.step(this.#position.node, TICK) !== REFUSED;
  }

  /** Whether it did something: not, when it was withdrawn, or when it may end and nobody was there. */
  async #perform(): Promise<boolean> {
    const names = this.#monitor.expected(this.#position.node).map((id) => this.#monitor.alphabet.nameOf(id));
    const alone = names.filter((name) => this.#step(name).channel === undefined);
    if (alone.length === 0) return (await this.#offerAll(names)) !== undefined;
    await this.#performAlone(alone[this.#position.events % alone.length]!);
    return true;
  }

  async #performAlone(event: string): Promise<void> {
    const position = this.#after(event, this.#message(event));
    const { shown } = this.#step(event);
    await this.#needs.store.commit(this.#measured(() => [...this.#needs.changesTo(position, shown)]));
    this.#position = position;
    this.#needs.onEvent(shown, position);
  }

  /** One choice over everything that is possible now; `undefined` when nobody took it. */
  async #offerAll(names: readonly string[]): Promise<Communicated | undefined> {
    // Rotated, so that a channel that is always ready does not starve the others.
    const first = this.#position.events % names.length;
    const events = [...names.slice(first), ...names.slice(0, first)];
    const channels = await Promise.all(events.map((event) => this.#needs.channels.get(this.#channelOf(event))));
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
        if (this.#step(event).sender === undefined) channels[index]!.receive({ ...offer, filter: {} });
        else channels[index]!.send({ ...offer, message: this.#message(event) });
      }
      // Whoever was there has met it by now.
      if (this.#mayEnd) this.#withdraw();
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
        this.#measured(() => [...this.#needs.changesTo((next = this.#after(event, message)), this.#step(event).shown)]),
      settle: (commit) => {
        const position = next!;
        // Before whoever awaits the communication: the position has changed when the next choice is made.
        commit.then(
          () => {
            this.#position = position;
            this.#needs.onEvent(this.#step(event).shown, position);
          },
          () => {},
        );
      },
    };
  }

  #after(event: string, message: Message): Position {
    const { node, events, held } = this.#position;
    const { type, data } = message;
    const { shown, receivers } = this.#step(event);
    return {
      node: this.#monitor.stepByName(node, event),
      events: shown === undefined ? events : events + 1,
      held: receivers.length === 0 ? held : held.map((one, part) => (receivers.includes(part) ? { type, data } : one)),
    };
  }

  /** What its sender passes on; nothing, where nobody in it sends. */
  #message(event: string): Message {
    const { sender } = this.#step(event);
    const held = sender === undefined ? null : this.#position.held[sender];
    return { type: held?.type ?? MESSAGE, data: held?.data ?? null, sender: this.#plan.process_id, priority: 'normal' };
  }

  #step(event: string): Step {
    const step = this.#plan.steps[event];
    if (step === undefined) throw new Error(`the event ${event} is on no channel of the process`);
    return step;
  }

  #channelOf(event: string): string {
    return this.#plan.channels[this.#step(event).channel!]!;
  }

  #measured<Result>(work: () => Result): Result {
    const before = process.threadCpuUsage();
    const result = work();
    const { user, system } = process.threadCpuUsage(before);
    this.#cpuMicroseconds += user + system;
    return result;
  }
}
