export { Bulkhead, BulkheadFullError } from './bulkhead.ts';
export type { AutoShutdown, ChildSpecification, Incarnation, RestartType, Shutdown } from './child.ts';
export { CircuitBreaker, type CircuitBreakerOptions, CircuitOpenError } from './circuit-breaker.ts';
export { type Exit, exitOf, isAbnormal, LinkedExitError, ShutdownError } from './exit.ts';
export { link, monitor } from './links.ts';
export { PhiAccrual, type PhiAccrualOptions } from './phi-accrual.ts';
export { type RetryOptions, retry } from './retry.ts';
export {
  type Closure,
  closureOf,
  type Participant,
  type Participants,
  participantsOf,
  smallestClosedGroups,
} from './session-restart.ts';
export {
  type Answer,
  type ChildStanding,
  type Strategy,
  type SupervisionEvent,
  Supervisor,
  type SupervisorOptions,
} from './supervisor.ts';
