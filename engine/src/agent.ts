/**
 * An agent as a decision: given what it has heard and what it may do now, what it does. Pure, so that the same agent takes part in process, over
 * HTTP, and in a test.
 *
 * Whoever builds agents in another way (a language model, a person, a service) needs only the same two things: what was heard, what is allowed.
 */

import { type Agent, RefusedError } from './runtime/index.ts';

export interface View {
  readonly role: string;
  /** Events this role performed or received, in order. */
  readonly heard: readonly string[];
  /** Names of the events this role may perform now. */
  readonly may: readonly string[];
  /** What this role attempted and was refused, in order. */
  readonly refused: readonly string[];
}

/** The event to attempt now, or undefined to wait. What is attempted may be refused: an agent is not trusted. */
export type Decide = (view: View) => string | undefined;

/** The cast of a conversation: who decides for each role. */
export type Cast = Readonly<Record<string, Decide>>;

/** How often an agent that waits looks again at what it may do, which others change without telling it; and how long it does. Milliseconds. */
const LOOK_AGAIN_MS = 1;
const PATIENCE_MS = 10_000;

/**
 * The agent program of a decision, for a conversation in process: it decides, performs or listens, and decides again, until the conversation
 * ends or nothing has happened for ten seconds of the network's time.
 *
 * @example
 * playSession({ monitor, roles, agents: { buyer: deciding(buyer), seller: deciding(seller) } });
 */
export function deciding(decide: Decide): Agent {
  return function* (seat) {
    const heard: string[] = [];
    const refused: string[] = [];
    for (let waited = 0; waited < PATIENCE_MS; ) {
      const event = decide({ role: seat.role, heard, refused, may: seat.may() });
      if (event === undefined) {
        const message = yield* seat.await({ timeout: LOOK_AGAIN_MS });
        waited = message === undefined ? waited + LOOK_AGAIN_MS : 0;
        if (message !== undefined) heard.push(message.event);
        continue;
      }
      waited = 0;
      try {
        yield* seat.perform(event);
        heard.push(event);
      } catch (error) {
        if (!(error instanceof RefusedError) || isLast(error.attempt)) throw error;
        refused.push(event);
      }
    }
  };
}

/** Whatever it attempts later would be refused too. */
function isLast({ reason, quarantine }: RefusedError['attempt']): boolean {
  return reason === 'over' || reason === 'crashed' || quarantine !== undefined;
}

/** The fields of an event by position: `offer.buyer.broker.3` has the channel `offer` and then its fields. */
export function fieldsOf(event: string): { readonly channel: string; readonly fields: readonly string[] } {
  const [channel = '', ...fields] = event.split('.');
  return { channel, fields };
}
