/** A conversation as it is stored. What enforces it is loaded when one is held: a start without any does not need it. */
import type { Clock, Hash, Metrics, Notifications, Random, Store, Tracer } from '@enhanced-csp/platform';

/** What happens to an event that the protocol does not allow: `observe` delivers it and tells, `quarantine` also takes out who was at fault. */
export type Mode = 'observe' | 'block' | 'quarantine';

export type ConversationStatus = 'running' | 'terminated' | 'stuck' | 'stopped';

export interface ConversationBody {
  readonly conversation_id: string;
  readonly name?: string;
  readonly protocol_id: string;
  readonly protocol: string;
  readonly system: string;
  readonly roles: readonly string[];
  /** Roles that are played in this process, and the agents that play them. */
  readonly agents?: Readonly<Record<string, string>>;
  readonly status: ConversationStatus;
  readonly accepted: number;
  readonly refused: number;
  /** Absent in records made before there were modes: `block`. */
  readonly mode?: Mode;
  /** Delivered although the protocol does not allow it: where it is only observed. */
  readonly unlawful?: number;
  /** After so many seconds without an event it is told who should move. */
  readonly patience_seconds?: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export const CONVERSATIONS = {
  name: 'conversations',
  fields: { status: 'text', protocol: 'text', protocol_id: 'text', name: 'text', created_at: 'text' },
} as const;
/** What was said, apart from the log: it can be erased, and the log still verifies. */
export const PAYLOADS = { name: 'payloads', fields: {} } as const;

export interface Payload {
  /** Base 64; without it the hash in the log gives nothing away. */
  readonly salt: string;
  readonly payload: unknown;
}

export function streamOf(conversationId: string): string {
  return `conversation.${conversationId}`;
}

export interface Needs {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: Hash;
  readonly notifications: Notifications;
  readonly tracer: Tracer;
  readonly metrics: Metrics;
}

export function payloadId(conversationId: string, sequence: number): string {
  return `${conversationId}.${sequence}`;
}
