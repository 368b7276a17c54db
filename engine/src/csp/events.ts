/**
 * Events and alphabets.
 *
 * An event is a small integer, so that sets of events are sorted arrays and transitions are pairs of integers.
 * Two events belong to no process alphabet: `TAU`, the internal step, and `TICK`, successful termination (the ✓ of the books).
 * Everything a process may communicate is a visible event, interned in an `Alphabet` under its CSPM name (`offer.buyer.3`).
 */

declare const brand: unique symbol;
export type EventId = number & { readonly [brand]: 'Event' };

export const TAU = 0 as EventId;
export const TICK = 1 as EventId;
const FIRST_VISIBLE = 2;

/** A finite set of visible events: strictly increasing ids. Built by `eventSet`, so that equal sets are equal arrays. */
export type EventSet = readonly EventId[];

export const NO_EVENTS: EventSet = [];

/** The set of the given events: sorted, without duplicates. */
export function eventSet(events: Iterable<EventId>): EventSet {
  return [...new Set(events)].sort((a, b) => a - b);
}

/** Whether `event` is in `set`, by binary search. */
export function contains(set: EventSet, event: EventId): boolean {
  let low = 0;
  let high = set.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = set[middle]!;
    if (found === event) return true;
    if (found < event) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** The events of `set` that are not in `removed`. */
export function without(set: EventSet, removed: EventSet): EventSet {
  return set.filter((event) => !contains(removed, event));
}

/**
 * The interning table of visible events, shared by all processes of one script.
 *
 * @example
 * const alphabet = new Alphabet();
 * const offer = alphabet.intern('offer.3');
 * alphabet.nameOf(offer); // 'offer.3'
 */
export class Alphabet {
  readonly #names: string[] = ['τ', '✓'];
  readonly #ids = new Map<string, EventId>();

  /** The id of the visible event called `name`; a new one the first time. */
  intern(name: string): EventId {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#names.length as EventId;
    this.#names.push(name);
    this.#ids.set(name, id);
    return id;
  }

  /** The id of the visible event called `name`, if any process has mentioned it. */
  find(name: string): EventId | undefined {
    return this.#ids.get(name);
  }

  /** The name of an event; `τ` and `✓` for the two that are not visible. */
  nameOf(event: EventId): string {
    const name = this.#names[event];
    if (name === undefined) throw new RangeError(`no event has id ${event}`);
    return name;
  }

  /** Number of ids in use, `TAU` and `TICK` included: every id is below it. */
  get size(): number {
    return this.#names.length;
  }

  /** All visible events interned so far, in order of id. */
  visible(): EventSet {
    return Array.from({ length: this.#names.length - FIRST_VISIBLE }, (_, i) => (i + FIRST_VISIBLE) as EventId);
  }
}
