/**
 * Multiway events: all parties that are needed perform the event at one moment, or nobody does.
 *
 * Who is needed is a tree: a process; all of several (parallel composition, synchronized); any of several (interleaving, choice). An offer to perform the
 * event may be a guard of a choice: the moment the last needed party offers, it happens for all, and all their other guards are withdrawn in the
 * same step. Which one then happens, when an offer completes several events at once, is for the choice of whoever came last.
 *
 * Hoare, Communicating Sequential Processes, 2.3; as guards: Welch, Brown, Moores, Chalmers, Sputh, Integrating and extending JCSP, CPA 2007.
 */
import { MisuseError } from './errors.ts';
import type { Network } from './network.ts';
import type { Offer, OfferOptions, Port } from './offer.ts';
import { type Operation, WAITING } from './operation.ts';
import type { Process } from './process.ts';

export type Party =
  /** With a name: only when it performs the event under this name (it may have been renamed). */
  | { readonly kind: 'process'; readonly process: Process; readonly name?: string }
  | { readonly kind: 'all' | 'any'; readonly parties: readonly Party[] };

export class MultiwayEvent implements Port {
  readonly name: string;
  readonly network: Network;
  readonly #resigning: boolean;
  readonly #waiting = new Map<Process, Offer[]>();
  #parties: Party;
  #members = new Set<Process>();
  /** Parties needed at the least. */
  #least = 0;
  /** Which of several that could take part is asked first: each in turn. */
  #turn = 0;
  /** Called when it has happened, with those who took part. */
  happened: ((by: readonly Process[]) => void) | null = null;

  constructor(network: Network, name: string, parties: Party, resigning = false) {
    this.network = network;
    this.name = name;
    this.#resigning = resigning;
    this.#parties = parties;
    this.#count();
    for (const process of this.#members) this.#watch(process);
  }

  /**
   * Offers to perform the event; completes when all that are needed do.
   *
   * @throws MisuseError when the process is not one of the parties
   * @example
   * const chosen = yield* choice({ tick: tick.sync(), stop: stop.receive() });
   */
  sync(options?: OfferOptions): Operation<void> {
    return this.syncAs(undefined, options);
  }

  /** The same, under the name that the process has for the event. */
  syncAs(name: string | undefined, options?: OfferOptions): Operation<void> {
    const offer = this.network.issue(this);
    offer.sending = false;
    offer.value = name;
    offer.options = options ?? null;
    return offer as unknown as Operation<void>;
  }

  /** One more party that must agree from now on. */
  enroll(process: Process): void {
    if (this.#members.has(process)) return;
    const { kind, parties } = this.#parties.kind === 'process' ? { kind: null, parties: [] } : this.#parties;
    const others = kind === 'all' ? parties : [this.#parties];
    this.#parties = { kind: 'all', parties: [...others, { kind: 'process', process }] };
    this.#count();
    this.#watch(process);
  }

  /** Goes on without this party, and happens at once if it was the last that was missing. */
  resign(process: Process): void {
    if (!this.#members.has(process)) return;
    this.#parties = without(this.#parties, process);
    this.#count();
    const ready =
      this.#members.size > 0 && this.#waiting.size >= this.#least ? this.#collect(this.#parties, null) : null;
    if (ready === null) return;
    for (const offer of ready) this.#fire(offer);
    this.happened?.(ready.map((offer) => offer.process));
  }

  get members(): readonly Process[] {
    return [...this.#members];
  }

  // ── For offers ────────────────────────────────────────────────────────────────────────────────────────────────────

  put(): boolean {
    throw new MisuseError(`nothing is sent on event ${this.name}; processes perform it with sync()`);
  }

  take(offer: Offer): boolean {
    if (!this.possible(offer)) return false;
    const others = this.#collect(this.#parties, offer)!.filter((other) => other !== offer);
    if (offer.options !== null) offer.options.commit?.(null, offer);
    for (const other of others) this.#fire(other);
    if (offer.choice === null) offer.value = undefined;
    this.happened?.([offer.process, ...others.map((other) => other.process)]);
    return true;
  }

  possible(offer: Offer): boolean {
    if (!this.#members.has(offer.process))
      throw new MisuseError(`process ${offer.process.name} performs event ${this.name}, which is not in its alphabet`);
    return this.#waiting.size + 1 >= this.#least && this.#with(this.#parties, offer);
  }

  enqueue(offer: Offer): void {
    const offers = this.#waiting.get(offer.process);
    if (offers === undefined) this.#waiting.set(offer.process, [offer]);
    else offers.push(offer);
  }

  dequeue(offer: Offer): void {
    const offers = this.#waiting.get(offer.process)!;
    offers.splice(offers.indexOf(offer), 1);
    if (offers.length === 0) this.#waiting.delete(offer.process);
  }

  get multiway(): boolean {
    return true;
  }

  neverWaits(): boolean {
    return false;
  }

  exhausted(): boolean {
    return false;
  }

  partnersOf(offer: Offer): readonly Process[] {
    return [...this.#members].filter((member) => member !== offer.process && !this.#waiting.has(member));
  }

  #fire(offer: Offer): void {
    if (offer.choice !== null) offer.choice.fire(offer);
    else {
      this.dequeue(offer);
      offer.value = undefined;
      offer.complete();
    }
  }

  /** Whether those who wait are enough. */
  #ready(party: Party): boolean {
    if (party.kind === 'process') return this.#offerOf(party) !== undefined;
    return party.kind === 'all'
      ? party.parties.every((one) => this.#ready(one))
      : party.parties.some((one) => this.#ready(one));
  }

  #offerOf({ process, name }: Extract<Party, { kind: 'process' }>): Offer | undefined {
    return this.#waiting
      .get(process)
      ?.find((offer) => offer.state === WAITING && (name === undefined || offer.value === name));
  }

  /** Whether those who wait are enough together with an offer that takes part. */
  #with(party: Party, arriving: Offer): boolean {
    if (party.kind === 'process')
      return party.process === arriving.process && (party.name === undefined || party.name === arriving.value);
    return party.parties.some(
      (one) =>
        this.#with(one, arriving) &&
        (party.kind === 'any' || party.parties.every((other) => other === one || this.#ready(other))),
    );
  }

  /** One offer of each who takes part; `arriving`, if there is one, among them. Null: not enough. */
  #collect(party: Party, arriving: Offer | null): Offer[] | null {
    if (party.kind === 'process') {
      if (arriving !== null && this.#with(party, arriving)) return [arriving];
      const offer = this.#offerOf(party);
      return offer === undefined ? null : [offer];
    }
    const chosen = arriving === null ? undefined : party.parties.find((one) => this.#with(one, arriving));
    if (party.kind === 'all') {
      const lists = party.parties.map((one) => this.#collect(one, one === chosen ? arriving : null));
      return lists.includes(null) ? null : (lists as Offer[][]).flat();
    }
    if (chosen !== undefined) return this.#collect(chosen, arriving);
    const ready = party.parties.filter((one) => this.#ready(one));
    if (ready.length === 0) return null;
    const at = this.network.schedule?.below(ready.length) ?? this.#turn++ % ready.length;
    return this.#collect(ready[at]!, null);
  }

  #watch(process: Process): void {
    if (this.#resigning) process.whenOver(() => this.resign(process));
  }

  #count(): void {
    this.#members = new Set(membersOf(this.#parties));
    this.#least = leastOf(this.#parties);
  }
}

function membersOf(party: Party): Process[] {
  return party.kind === 'process' ? [party.process] : party.parties.flatMap(membersOf);
}

function leastOf(party: Party): number {
  if (party.kind === 'process') return 1;
  const counts = party.parties.map(leastOf);
  return party.kind === 'all'
    ? counts.reduce((sum, count) => sum + count, 0)
    : counts.length === 0
      ? 0
      : Math.min(...counts);
}

function without(party: Party, process: Process): Party {
  if (party.kind === 'process') return party.process === process ? { kind: 'all', parties: [] } : party;
  return {
    kind: party.kind,
    parties: party.parties
      .filter((one) => one.kind !== 'process' || one.process !== process)
      .map((one) => without(one, process)),
  };
}
