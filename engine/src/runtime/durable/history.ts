/** What the journal says of each process and each buffer: the entries, sorted out. */
import type { Deed, Entry, Place } from './journal.ts';

/** What an operation ended in. */
export type Outcome =
  | {
      readonly action: 'send' | 'receive';
      readonly channel: string;
      readonly guard: string | undefined;
      readonly value: unknown;
      /** It was not delivered. */
      readonly refused?: { readonly event: string; readonly reason: string };
    }
  | {
      readonly action: Deed;
      readonly guard: string | undefined;
      readonly value: unknown;
      readonly error: string | undefined;
    };

/** One process since its last checkpoint. */
export interface History {
  readonly version: string;
  readonly state: unknown;
  /** Operations before the first outcome. */
  readonly base: number;
  readonly outcomes: Outcome[];
  /** Where the journal has its beginning. */
  readonly position: number;
}

export interface Waiting {
  readonly sender: Place;
  readonly value: unknown;
  readonly position: number;
}

export class Histories {
  readonly of = new Map<string, History>();
  readonly ended = new Map<string, { readonly result?: unknown }>();
  /** Sent into a buffer and not taken, oldest first, by channel. */
  readonly buffers = new Map<string, Waiting[]>();

  add(entry: Entry, position: number): void {
    switch (entry.kind) {
      case 'opened':
      case 'enforced':
        return;
      case 'begun':
        this.of.set(entry.process, { version: entry.version, state: undefined, base: 0, outcomes: [], position });
        return;
      case 'checkpoint': {
        const { process, version, state, offer: base } = entry;
        this.of.set(process, { version, state, base, outcomes: [], position });
        return;
      }
      case 'ended':
        this.of.delete(entry.process);
        this.ended.set(entry.process, 'result' in entry ? { result: entry.result } : {});
        return;
      case 'communicated':
        this.#outcome(entry.sender, { ...entry, action: 'send', guard: entry.output, value: entry.value });
        this.#outcome(entry.receiver, { ...entry, action: 'receive', guard: entry.input, value: entry.value });
        return;
      case 'refused': {
        const { channel, sender, output: guard, value, event, reason } = entry;
        this.#outcome(sender, { action: 'send', channel, guard, value, refused: { event, reason } });
        return;
      }
      case 'buffered': {
        const { channel, sender, value } = entry;
        this.#outcome(sender, { ...entry, action: 'send', guard: entry.output, value });
        const buffer = this.buffers.get(channel) ?? [];
        buffer.push({ sender, value, position });
        this.buffers.set(channel, buffer);
        return;
      }
      case 'taken': {
        const { channel, sender, receiver, value } = entry;
        this.#outcome(receiver, { ...entry, action: 'receive', guard: entry.input, value });
        const buffer = this.buffers.get(channel) ?? [];
        const at = buffer.findIndex(({ sender: [process, offer] }) => process === sender[0] && offer === sender[1]);
        if (at >= 0) buffer.splice(at, 1);
        return;
      }
      case 'performed':
        this.#outcome([entry.process, entry.offer], {
          action: entry.action,
          guard: entry.guard,
          value: entry.value,
          error: entry.error,
        });
        return;
      default:
        entry satisfies never;
    }
  }

  /** Behind a checkpoint each outcome has its place; those before it are history. */
  #outcome([process, offer]: Place, outcome: Outcome): void {
    const history = this.of.get(process);
    if (history !== undefined && offer > history.base) history.outcomes[offer - history.base - 1] = outcome;
  }
}

export function describeOutcome(outcome: Outcome): string {
  const guard = outcome.guard === undefined ? '' : ` by guard ${outcome.guard} of a choice`;
  if (outcome.action === 'send') {
    const sent = outcome.refused === undefined ? 'sent' : 'was refused to send';
    return `that it ${sent} ${JSON.stringify(outcome.value)} on ${outcome.channel}${guard}`;
  }
  if (outcome.action === 'receive') return `that it received on ${outcome.channel}${guard}`;
  return `${outcome.action}${guard}`;
}
