/** Security policies of modules, asked before anything is performed or listened to. One denial is enough; without policies there is nothing to ask. */
import {
  type Call,
  Fault,
  type Log,
  type Operation,
  type Policy,
  type PolicyAnswer,
  type PolicyRequest,
  type Stream,
} from '@enhanced-csp/platform';

type Caller = Pick<Call, 'principal' | 'address' | 'requestId'>;

export interface Guard {
  /** @throws Fault `CSP-PLT-012` */
  perform(operation: Operation, input: unknown, call: Caller, surface: PolicyRequest['surface']): void;
  /** @throws Fault `CSP-PLT-012` */
  listen(stream: Stream, topic: string, input: unknown, call: Caller, surface: PolicyRequest['surface']): void;
}

/** Undefined when there are no policies: who would ask asks nobody, and that costs one comparison. */
export function guardOf(policies: ReadonlyMap<string, Policy>, log: Log): Guard | undefined {
  if (policies.size === 0) return undefined;

  function ask(request: PolicyRequest, requestId: string): void {
    for (const [policy, evaluate] of policies) {
      const reason = denial(policy, evaluate, request, requestId);
      if (reason === undefined) continue;
      const what = request.operation ?? request.topic;
      log.info(
        { policy, reason, what, surface: request.surface, address: request.address, request: requestId },
        'denied',
      );
      throw new Fault('CSP-PLT-012', 'denied', `The policy ${policy} denies ${what}: ${reason}.`, {
        details: { policy, reason },
      });
    }
  }

  /** Why, or undefined: allowed. */
  function denial(policy: string, evaluate: Policy, request: PolicyRequest, requestId: string): string | undefined {
    let answer: PolicyAnswer | undefined;
    let cause: unknown = 'it answers neither allow nor deny';
    try {
      answer = evaluate(request);
    } catch (thrown) {
      cause = thrown instanceof Error ? thrown.stack : thrown;
    }
    if (answer?.allowed === true) return undefined;
    if (answer?.allowed === false && typeof answer.reason === 'string') return answer.reason;
    log.error({ policy, request: requestId, cause: String(cause) }, 'a policy failed, so it denies');
    return 'it could not be evaluated';
  }

  return {
    perform: ({ id, permission }, input, { principal, address, requestId }, surface) =>
      ask({ operation: id, topic: undefined, permission, surface, principal, address, input }, requestId),
    listen: ({ permission }, topic, input, { principal, address, requestId }, surface) =>
      ask({ operation: undefined, topic, permission, surface, principal, address, input }, requestId),
  };
}
