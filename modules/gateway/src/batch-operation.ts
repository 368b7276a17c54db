/** The batch as an operation row, so that it has a route, a schema and a place in OpenAPI like any other. */
import { type Call, defineOperation, type Operation, type Store } from '@enhanced-csp/platform';
import { Batch, BatchAnswer, type BatchRequest, planBatch } from './batch.ts';

export interface BatchItem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function batchOperation(needs: {
  readonly store: Store;
  readonly operations: () => readonly Operation[];
  /** As if it had come alone. */
  perform(request: BatchRequest, call: Call): Promise<BatchItem>;
  /** Counts an operation of an atomic batch; throws when there are too many. */
  admit(operation: Operation, call: Call): void;
  /** Throws when a policy denies an operation of an atomic batch. */
  allow(operation: Operation, input: unknown, call: Call): void;
}): Operation {
  return defineOperation({
    id: 'batch.perform',
    summary: 'Several requests in one',
    description:
      'Performed in order, each answered in its place and counted by its own rate limit. With `atomic` all of them are one commit, or nothing is written: possible for the operations marked `x-atomic`, each record once.',
    route: 'POST /batch',
    input: Batch,
    output: BatchAnswer,
    errors: ['CSP-GTW-020', 'CSP-GTW-022', 'CSP-GTW-023'],
    permission: 'batch:perform',
    rateClass: 'write',
    idempotent: false,
    examples: [
      {
        name: 'two reads',
        input: {
          requests: [
            { id: 'processes', method: 'GET', path: '/api/processes?limit=1' },
            { id: 'channels', method: 'GET', path: '/api/channels?limit=1' },
          ],
        },
      },
    ],
    async run({ atomic, requests }, call) {
      const results: BatchAnswer['results'] = [];
      const idOf = (request: BatchRequest, index: number) => request.id ?? String(index);
      if (!atomic) {
        for (const [index, request] of requests.entries())
          results.push({
            id: idOf(request, index),
            ...(await needs.perform(request, call)),
          } as BatchAnswer['results'][0]);
        return { atomic, results };
      }
      const { changes, plans } = await planBatch(requests, needs.operations(), call, needs);
      await needs.store.commit(changes);
      for (const [index, { operation, output, committed }] of plans.entries()) {
        committed?.();
        const status = { ok: 200, created: 201, accepted: 202 }[operation.outcome ?? 'ok'];
        const body = operation.output.parse(output);
        results.push({ id: idOf(requests[index] as BatchRequest, index), status, headers: {}, body });
      }
      return { atomic, results };
    },
  });
}
