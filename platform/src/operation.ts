/**
 * An operation row: one declaration from which every surface is derived (REST route, OpenAPI, later GraphQL, CLI, forms), with the
 * permission check, the rate class and the contract test.
 */
import type { z } from 'zod';
import type { Change } from './capabilities.ts';
import { Fault } from './fault.ts';
import type { TraceContext } from './tracing.ts';

export interface Principal {
  readonly id: string;
  readonly roles: readonly string[];
}

/** What an operation knows of its caller. */
export interface Call {
  readonly principal: Principal;
  /** Aborted when the caller goes away or the platform stops. */
  readonly signal: AbortSignal;
  readonly requestId: string;
  /** Where the call comes from; rate limits count by it. */
  readonly address?: string;
  /** The trace it belongs to; absent when nobody collects and the caller named none. */
  readonly trace?: TraceContext | undefined;
  /** The versions the caller takes for the present one (`If-Match`); absent: any. See `refuseStale`. */
  readonly ifVersions?: readonly number[] | undefined;
}

export interface Example {
  readonly name: string;
  /**
   * Examples that are performed before it, in order: `channels.create` (the first of that row) or `channels.create/buffered`. Fields of the input
   * that they have answered under the same name (identifiers) are replaced by the answer.
   */
  readonly after?: readonly string[];
  /** An example that is performed at the same time: the other side of a rendezvous. */
  readonly beside?: string;
  /** The whole input: path, query and body parameters in one object. */
  readonly input: unknown;
  /** Fields the output must have, with these values where they do not depend on time or chance. */
  readonly output?: unknown;
}

export interface Operation<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** `processes.create`: resource and verb. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** REST surface, relative to `/api`: `POST /processes/{process_id}/start`. Path parameters are properties of the input. */
  readonly route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  /** How a success is answered: `created` has a new resource, `accepted` goes on after the answer. */
  readonly outcome?: 'ok' | 'created' | 'accepted';
  readonly input: Input;
  readonly output: Output;
  /** Codes of the faults it may end in. */
  readonly errors: readonly string[];
  /** `resource:verb`. */
  readonly permission: string;
  readonly rateClass: 'read' | 'write' | 'verify';
  readonly idempotent: boolean;
  readonly examples: readonly Example[];
  /** Since when it should not be used any more, and when it ends: ISO 8601. Callers are told with every answer. */
  readonly deprecated?: { readonly since: string; readonly sunset?: string };
  /** The version of the record the output shows, for `ETag`, `If-None-Match` and `If-Match`; undefined while the output changes without it. */
  version?(output: z.output<Output>): number | undefined;
  /** Another form of the same answer, for callers that ask for its media type. */
  readonly raw?: { readonly mediaType: string; of(output: z.output<Output>): string };
  /**
   * For operations that are one commit and nothing else: what `run` would commit, and what it would answer, so that several can be one commit
   * together. `run` must do the same. `committed` is called when the changes are durable.
   */
  plan?(input: z.output<Input>, call: Call): Promise<Plan<z.input<Output>>>;
  run(input: z.output<Input>, call: Call): Promise<z.input<Output>>;
}

export interface Plan<Output = unknown> {
  readonly changes: readonly Change[];
  readonly output: Output;
  committed?(): void;
}

/**
 * Refuses a call that was made for another version than the present one.
 *
 * @throws Fault `CSP-PLT-006`
 */
export function refuseStale(call: Pick<Call, 'ifVersions'>, present: number): void {
  if (call.ifVersions === undefined || call.ifVersions.includes(present)) return;
  throw new Fault('CSP-PLT-006', 'conflict', `The record has version ${present} by now.`, {
    details: { version: present },
  });
}

/** Keeps the types of input and output together; the row itself is plain data. */
export function defineOperation<Input extends z.ZodType, Output extends z.ZodType>(
  operation: Operation<Input, Output>,
): Operation {
  return operation as unknown as Operation;
}

/** A stream row: a topic one can subscribe to. The gateway serves it over WebSocket, with resume from a sequence number. */
export interface Stream {
  /** `process_events`, `conversation.{conversation_id}`. */
  readonly topic: string;
  readonly summary: string;
  readonly notification: z.ZodType;
  readonly permission: string;
  /**
   * Where it is served as server-sent events: the route of an operation that lists the same as JSON. The operation is asked first, so that
   * nobody listens to what does not exist.
   */
  readonly route?: `GET /${string}`;
  /** Who may write on the topic does it by the operation at this route, with the parameters of the topic; absent: only the platform does. */
  readonly publish?: `POST /${string}`;
}
