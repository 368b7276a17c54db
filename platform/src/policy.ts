/** A security policy that a module brings: asked before every operation and every subscription; one denial is enough. */
import type { Principal } from './operation.ts';

export interface PolicyRequest {
  /** Id of the operation, `processes.create`; undefined for a subscription. */
  readonly operation: string | undefined;
  /** The topic that is subscribed to, `conversation.conv_1`; undefined for an operation. */
  readonly topic: string | undefined;
  /** What the operation or the stream declares: `processes:create`. */
  readonly permission: string;
  /** `rest` includes the requests of a batch; `page` is an operation shown as HTML. */
  readonly surface: 'rest' | 'page' | 'graphql' | 'websocket' | 'sse';
  readonly principal: Principal;
  /** Where the call comes from. */
  readonly address: string | undefined;
  /** The input of the operation, checked by its schema; of a subscription, the parameters of its topic. Of a page, the parameters of its path and its query, as text. */
  readonly input: unknown;
}

export type PolicyAnswer = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/**
 * Answers at once: what it needs to know it keeps in memory. One that throws, or answers anything else, denies. It changes nothing of what it is given: the
 * operation gets the same.
 *
 * ```ts
 * const readOnly: Policy = ({ permission }) => (permission.endsWith(':read') ? allow : deny('nothing is changed here'));
 * ```
 */
export type Policy = (request: PolicyRequest) => PolicyAnswer;

export const allow: PolicyAnswer = { allowed: true };

/** @param reason for the caller, in the problem document. */
export function deny(reason: string): PolicyAnswer {
  return { allowed: false, reason };
}
