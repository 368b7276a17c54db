export type { AutoShutdown, ChildSpecification, Incarnation, RestartType, Shutdown } from './child.ts';
export { type Exit, exitOf, isAbnormal, LinkedExitError, ShutdownError } from './exit.ts';
export { link, monitor } from './links.ts';
export {
  type Answer,
  type ChildStanding,
  type Strategy,
  type SupervisionEvent,
  Supervisor,
  type SupervisorOptions,
} from './supervisor.ts';
