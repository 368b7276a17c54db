/**
 * The journal of a durable network, as a port: what is written, in one order for all its processes, and what is asked of whoever keeps it.
 *
 * Because there is one order, what survives a crash is a beginning of it, and every beginning is a consistent cut: a communication is one entry, for both
 * sides. So nothing inside has to wait for the disk; only what is shown outside does.
 */

/** The `offer`-th operation of a process, from 1. Senders outside the network are called `outside EPOCH`. */
export type Place = readonly [process: string, offer: number];

export type Entry =
  /** A new owner. Whatever an earlier one still wanted to write has lost its place. */
  | { readonly kind: 'opened'; readonly epoch: number }
  | { readonly kind: 'begun'; readonly process: string; readonly version: string }
  /** Sender and receiver met. `output` and `input` name the guards, where one side or both made a choice. */
  | {
      readonly kind: 'communicated';
      readonly channel: string;
      readonly sender: Place;
      readonly output?: string;
      readonly receiver: Place;
      readonly input?: string;
      readonly value?: unknown;
    }
  | {
      readonly kind: 'buffered';
      readonly channel: string;
      readonly sender: Place;
      readonly output?: string;
      readonly value?: unknown;
    }
  /** A value that `sender` had sent was taken out of the buffer. */
  | {
      readonly kind: 'taken';
      readonly channel: string;
      readonly sender: Place;
      readonly receiver: Place;
      readonly input?: string;
      readonly value?: unknown;
    }
  /** A sending that no trace of the specification goes on with: it has not happened, and its sender was told so. */
  | {
      readonly kind: 'refused';
      readonly channel: string;
      readonly sender: Place;
      readonly output?: string;
      readonly value?: unknown;
      readonly event: string;
      readonly reason: string;
    }
  /** From here on this specification is enforced; all that was sent before is a trace of it. */
  | { readonly kind: 'enforced'; readonly specification: string }
  /** What a process did alone: a timeout, a draw, a reading of the clock, an effect. */
  | {
      readonly kind: 'performed';
      readonly process: string;
      readonly offer: number;
      readonly action: Deed;
      readonly guard?: string;
      readonly value?: unknown;
      readonly error?: string;
    }
  /** Replay begins behind it. `offer`: the operations before it. */
  | {
      readonly kind: 'checkpoint';
      readonly process: string;
      readonly offer: number;
      readonly version: string;
      readonly state: unknown;
    }
  | { readonly kind: 'ended'; readonly process: string; readonly offer: number; readonly result?: unknown };

/** What a specification speaks of. */
export type Sent = Extract<Entry, { readonly kind: 'communicated' | 'buffered' }>;

export type Deed = 'timeout' | 'now' | 'random' | 'timer' | 'sleep' | 'effect' | 'write';

/** Where a recovery begins. */
export interface Head {
  /** Entries before this one are history: no process and no buffer needs them. */
  readonly from: number;
  /** Processes that have ended, with their results. */
  readonly ended: Readonly<Record<string, { readonly result?: unknown }>>;
  /** When a specification is enforced. */
  readonly followed?: Followed;
}

/** How far a specification has been followed: all entries before `at`. */
export interface Followed {
  readonly specification: string;
  readonly node: number;
  readonly at: number;
}

/** What is written together or not at all. */
export interface Batch {
  readonly entries: readonly Entry[];
  /** Keys that must not have been marked before. */
  readonly marks: readonly string[];
  /** When it has moved. */
  readonly head?: Head;
  /** Whatever processes write elsewhere, in the terms of whoever keeps the journal. */
  readonly changes: readonly unknown[];
}

export interface Journal {
  /** How many owners there were, this one included. */
  readonly epoch: number;
  readonly head: Head;
  /** The position of the next entry. */
  readonly length: number;
  /** Resolves when a newer owner was noticed: nothing can be written any more, even if nothing was to be. */
  readonly fenced?: Promise<unknown>;
  read(from: number): AsyncIterable<Entry>;
  /**
   * Resolves when the batch survives a crash. Never called again before it has.
   *
   * @throws FencedError when there is a newer owner; whoever is the owner knows whether it was written before
   */
  append(batch: Batch): Promise<void>;
  seen(mark: string): Promise<boolean>;
}
