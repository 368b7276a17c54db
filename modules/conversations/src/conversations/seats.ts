/**
 * Roles that are played in this process by agents of modules. They come by the same door as remote ones: each attempt is judged, logged and durable
 * before it is answered, and an agent hears what the log has, in its order.
 *
 * Invariants:
 *   - what an agent has heard is what the log says: after a restart it is read from there;
 *   - an agent is asked only when its role may do something, and again only after something has changed.
 */
import type { View } from '@enhanced-csp/engine';
import type { Leaf } from '@enhanced-csp/engine/audit';
import { Alphabet, type EventId } from '@enhanced-csp/engine/csp';
import { crashEvent, rolesOf } from '@enhanced-csp/engine/runtime';
import type { AgentKind, Clock, Log, Notifications, Store } from '@enhanced-csp/platform';
import { isPassing, RETRY_MS } from '../fault.ts';
import { entriesOf } from '../journal.ts';
import { text } from '../schemas.ts';
import { type ConversationBody, streamOf } from './conversation.ts';
import type { LiveConversation } from './live-conversation.ts';

/** Attempts of one agent that are not allowed while nothing is accepted from anybody; with the last it has crashed. */
const IN_VAIN_MAX = 8;

const attempted = text.min(1).max(1000).optional();

interface Needs {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly notifications: Notifications;
  /** As it is live now. */
  conversation(id: string): Promise<LiveConversation>;
}

/** An agent and the name by which it is known. */
export interface Player {
  readonly name: string;
  readonly agent: AgentKind;
}

export interface Seats {
  /** They attempt nothing any more. */
  leave(): void;
}

/**
 * Lets agents play roles of a conversation, from where its log ends, until the conversation does.
 *
 * @param players by role.
 * @param over called when nobody takes part any more.
 */
export async function takeSeats(
  { conversation_id, roles }: Pick<ConversationBody, 'conversation_id' | 'roles'>,
  players: ReadonlyMap<string, Player>,
  needs: Needs,
  over: () => void,
): Promise<Seats> {
  const seats = [...players].map(([role, player]) => new Seat(conversation_id, role, player, needs));
  const alphabet = new Alphabet();
  const who = rolesOf(alphabet, roles);
  let next = 0;
  let waiting: Told[] | undefined = [];

  const isParty = (role: string, event: EventId) =>
    who.performerOf(event) === role || who.receiversOf(event).includes(role);

  function take(told: Told): void {
    // Silence is told, and stands in no log.
    if (told.kind === 'silent' || told.sequence < next) return;
    next = told.sequence + 1;
    if (told.kind === 'closed') leave();
    else if (told.kind === 'quarantined') seats.find(({ role }) => role === told.role)?.leave();
    else if (told.kind === 'refusal') seats.find(({ role }) => role === told.role)?.refused(told.event);
    else if (told.kind === 'event' || told.kind === 'unlawful') {
      const event = alphabet.intern(told.event);
      for (const seat of seats) seat.delivered(told.event, isParty(seat.role, event), told.kind === 'event');
    }
  }

  const { unsubscribe } = needs.notifications.subscribe(streamOf(conversation_id), undefined, ({ data }) => {
    if (waiting === undefined) {
      take(data as Told);
      for (const seat of seats) seat.wake();
    } else waiting.push(data as Told);
  });
  function leave(): void {
    unsubscribe();
    over();
    for (const seat of seats) seat.leave();
  }

  try {
    for await (const bytes of entriesOf(needs.store, streamOf(conversation_id))) {
      const leaf = JSON.parse(new TextDecoder().decode(bytes)) as Leaf;
      take({ ...leaf, sequence: leaf.seq } as Told);
    }
  } catch (cause) {
    leave();
    throw cause;
  }
  for (const told of waiting) take(told);
  waiting = undefined;
  for (const seat of seats) seat.wake();
  return { leave };
}

/** As it is told, and as it stands in the log. */
type Told = { readonly sequence: number } & (
  | { readonly kind: 'opened' | 'closed' | 'silent' }
  | { readonly kind: 'quarantined'; readonly role: string }
  | { readonly kind: 'event' | 'unlawful' | 'refusal'; readonly role: string; readonly event: string }
);

class Seat {
  readonly #id: string;
  readonly role: string;
  readonly #needs: Needs;
  readonly #name: string;
  #decide: AgentKind['decide'];
  readonly #heard: string[] = [];
  readonly #refused: string[] = [];
  #inVain = 0;
  #changed = true;
  #playing = false;
  #left = false;

  constructor(id: string, role: string, { name, agent }: Player, needs: Needs) {
    this.#id = id;
    this.role = role;
    this.#name = name;
    this.#decide = (view) => agent.decide(view);
    this.#needs = needs;
  }

  leave(): void {
    this.#left = true;
  }

  delivered(event: string, heard: boolean, lawful: boolean): void {
    if (heard) this.#heard.push(event);
    if (lawful) this.#inVain = 0;
    if (event === crashEvent(this.role)) this.leave();
    this.#changed = true;
  }

  refused(event: string): void {
    this.#refused.push(event);
    this.#changed = true;
  }

  /** Decides when something has changed, unless it is deciding already. */
  wake(): void {
    if (!this.#playing) void this.#play();
  }

  async #play(): Promise<void> {
    this.#playing = true;
    while (this.#changed && !this.#left) {
      this.#changed = false;
      try {
        await this.#turn();
      } catch (cause) {
        // The disk is full, or the store is away: nothing was attempted, and it may be soon.
        if (isPassing(cause)) {
          this.#changed = true;
          await new Promise<void>((resolve) => this.#needs.clock.after(RETRY_MS, resolve));
        } else {
          this.#log(cause, 'an agent cannot take part any more');
          this.leave();
        }
      }
    }
    this.#playing = false;
  }

  async #turn(): Promise<void> {
    const { role } = this;
    const may = await (await this.#needs.conversation(this.#id)).may(role);
    if (may.length === 0 || this.#left) return;
    const event = await this.#decided({ role, may, heard: [...this.#heard], refused: [...this.#refused] });
    if (event === undefined || this.#left) return;
    const answer = await (await this.#needs.conversation(this.#id)).attempt(role, event);
    if (answer.kind === 'accepted') return;
    // In mode `observe` it is delivered; it is still not what the protocol allows.
    if (answer.reason === 'over' || answer.reason === 'crashed') this.leave();
    else if (++this.#inVain >= IN_VAIN_MAX)
      this.#crash(new Error(`${IN_VAIN_MAX} attempts that are not allowed, while nothing else happened`));
  }

  async #decided(view: View): Promise<string | undefined> {
    try {
      return attempted.parse(await this.#decide(view));
    } catch (cause) {
      this.#crash(cause);
      return undefined;
    }
  }

  /** From now on it does one thing: the event of its crash, as soon as the protocol allows it. */
  #crash(cause: unknown): void {
    this.#log(cause, 'an agent crashed');
    this.#decide = ({ may }) => may.find((event) => event === crashEvent(this.role));
    this.#changed = true;
  }

  #log(cause: unknown, message: string): void {
    const why = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.#needs.log.error({ conversation_id: this.#id, role: this.role, agent: this.#name, cause: why }, message);
  }
}
