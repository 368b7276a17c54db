/**
 * An operation row: one declaration from which every surface is derived (REST route, OpenAPI, later GraphQL, CLI, forms), with the
 * permission check, the rate class and the contract test.
 */
import type { z } from 'zod';

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
}

export interface Example {
  readonly name: string;
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
  run(input: z.output<Input>, call: Call): Promise<z.input<Output>>;
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
}
