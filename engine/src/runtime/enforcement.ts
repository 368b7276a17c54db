/**
 * Enforcement: the monitor of a whole system, stepped at the moment of each event, on every channel end that is given to it.
 *
 * All ends of one system share one enforcement, whatever tier their processes run in: a compiled process has it inlined, a channel made with `enforced` asks it
 * at each delivery. What no trace of the system goes on with is, by mode, told only (`observe`), not delivered (`block`), or not delivered and the last thing
 * that its sender could have sent (`quarantine`).
 */
import type { EventId } from '../csp/index.ts';
import { type NodeId, REFUSED } from '../lts/index.ts';
import type { Monitor } from './monitor.ts';
import type { Process } from './process.ts';
import { requiredAt } from './quiescence.ts';
import type { Mode } from './session.ts';

/** An event that no trace of the system goes on with. It has not happened. */
export class UnlawfulEventError extends Error {
  readonly event: string;
  constructor(event: string, reason: string) {
    super(`${event} was not delivered: ${reason}`);
    this.name = 'UnlawfulEventError';
    this.event = event;
  }
}

/** Told of each event after the monitor has accepted it and before anybody has the value. */
export type Record = (event: EventId, before: NodeId, after: NodeId) => void;

export interface UnlawfulEvent {
  readonly event: string;
  /** Who sent it, or performed it alone; undefined when nobody says so. */
  readonly process: Process | undefined;
  /** Names of the events that were possible. */
  readonly expected: readonly string[];
  readonly reason: string;
  readonly delivered: boolean;
}

export interface EnforcementOptions {
  /** Told of each event that the system accepts, before anybody has the value. If it throws, the event has not happened, and its sender has the error. */
  readonly record?: Record;
  /** Absent: `block`. */
  readonly mode?: Mode;
  /** Told of each event that it does not accept, before the sender is. If it throws, nothing is delivered, in mode `observe` neither. */
  readonly onUnlawful?: (unlawful: UnlawfulEvent) => void;
}

/**
 * @example
 * const enforcement = new Enforcement(monitorOf(normalForm), { mode: 'observe', onUnlawful: ({ event, reason }) => log(event, reason) });
 * const offer = network.channel<number>('offer', { enforced: { by: enforcement } }); // the value 3 is the event offer.3
 */
export class Enforcement {
  node: NodeId;
  readonly mode: Mode;
  readonly #monitor: Monitor;
  readonly #record: Record | null;
  readonly #onUnlawful: ((unlawful: UnlawfulEvent) => void) | null;
  readonly #quarantined = new WeakSet<Process>();
  /** Whether `#quarantined` has anybody. */
  #quarantines = false;

  constructor(monitor: Monitor, { record, mode = 'block', onUnlawful }: EnforcementOptions = {}) {
    this.#monitor = monitor;
    this.#record = record ?? null;
    this.mode = mode;
    this.#onUnlawful = onUnlawful ?? null;
    this.node = monitor.initial;
  }

  /**
   * The event happens now, on behalf of `process`.
   *
   * @throws UnlawfulEventError when it may not, unless it is only observed
   */
  perform(event: EventId, process?: Process): void {
    if (this.admits(event, process)) return;
    const { alphabet } = this.#monitor;
    this.#refuse(event < alphabet.size ? alphabet.nameOf(event) : `event ${event}`, event, process);
  }

  /** The same by name, which the system need never have heard of. */
  performByName(name: string, process?: Process): void {
    const event = this.eventNamed(name);
    if (event === undefined) this.#refuse(name, undefined, process);
    else this.perform(event, process);
  }

  /** Steps the monitor and records the event, if it is possible now; says whether it was. Whoever gets false calls `perform` to have it told. */
  admits(event: EventId, process?: Process): boolean {
    if (this.#quarantines && process !== undefined && this.#quarantined.has(process)) return false;
    const before = this.node;
    const after = this.#monitor.step(before, event);
    if (after === REFUSED) return false;
    // The record comes first: what could not be recorded has not happened.
    if (this.#record !== null) this.#record(event, before, after);
    this.node = after;
    return true;
  }

  /** Whether `performByName` would throw. Nothing happens. */
  refuses(name: string, process?: Process): boolean {
    if (this.mode === 'observe') return false;
    if (process !== undefined && this.#quarantined.has(process)) return true;
    return this.#monitor.stepByName(this.node, name) === REFUSED;
  }

  eventNamed(name: string): EventId | undefined {
    return this.#monitor.alphabet.find(name);
  }

  /** What a system that does not move any more had to go on with: an event of one of these sets. None: it may end or stop here. */
  get required(): readonly (readonly string[])[] {
    return requiredAt(this.#monitor, this.node).map((set) => set.map((event) => this.#monitor.alphabet.nameOf(event)));
  }

  isQuarantined(process: Process): boolean {
    return this.#quarantined.has(process);
  }

  #refuse(name: string, event: EventId | undefined, process: Process | undefined): void {
    const out = process !== undefined && this.#quarantined.has(process);
    const { alphabet } = this.#monitor;
    const expected = this.#monitor.expected(this.node).map((possible) => alphabet.nameOf(possible));
    const reason = out
      ? `process ${process.name} is in quarantine`
      : ((event === undefined ? undefined : this.#monitor.refusal(this.node, event)?.reason) ??
        `${name} is in no trace of this system`);
    const delivered = this.mode === 'observe';
    if (this.mode === 'quarantine' && process !== undefined) {
      this.#quarantined.add(process);
      this.#quarantines = true;
    }
    this.#onUnlawful?.({ event: name, process, expected, reason, delivered });
    if (!delivered) throw new UnlawfulEventError(name, reason);
  }
}
