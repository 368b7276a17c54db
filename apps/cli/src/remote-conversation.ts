/** A cast that takes part in a conversation of a running platform: each agent decides, the platform accepts or refuses. */
import type { Cast, View } from '@enhanced-csp/engine';
import { type Client, Problem } from './client.ts';

export interface ConversationState {
  readonly conversation_id: string;
  readonly status: 'running' | 'terminated' | 'stuck' | 'stopped';
  readonly roles: readonly string[];
  readonly accepted: number;
  readonly refused: number;
  readonly expected: readonly { readonly event: string; readonly role: string }[];
}

export interface Told {
  readonly role: string;
  readonly event: string;
  /** Absent: accepted. */
  readonly refusal?: string;
}

/**
 * Lets every role of `cast` decide in turn, until the conversation ends or nobody wants to go on.
 * An agent hears what it performs and what names it as receiver.
 */
export async function takePart(
  client: Client,
  conversation: ConversationState,
  cast: Cast,
  tell: (told: Told) => void,
): Promise<ConversationState> {
  const { conversation_id } = conversation;
  const heard = new Map(conversation.roles.map((role) => [role, [] as string[]]));
  const refused = new Map(conversation.roles.map((role) => [role, [] as string[]]));
  let { status, expected } = conversation;
  for (let idle = 0; status === 'running' && idle < conversation.roles.length; ) {
    for (const role of conversation.roles) {
      const view: View = {
        role,
        heard: heard.get(role)!,
        refused: refused.get(role)!,
        may: expected.flatMap((possible) => (possible.role === role ? [possible.event] : [])),
      };
      const event: string | undefined = status === 'running' ? cast[role]?.(view) : undefined;
      if (event === undefined) {
        idle++;
        continue;
      }
      idle = 0;
      try {
        ({ status, expected } = await client.conversations.attempt({ conversation_id, role, event }));
        const [, performer, receiver] = event.split('.');
        for (const party of new Set([performer, receiver])) heard.get(party ?? '')?.push(event);
        tell({ role, event });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        refused.get(role)!.push(event);
        tell({ role, event, refusal: error.message });
      }
    }
  }
  return client.conversations.get({ conversation_id });
}
