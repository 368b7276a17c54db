export { AtomicProcess } from './atomic-process.ts';
export {
  type Buffer,
  type Channel,
  type ChannelOptions,
  dropping,
  type Enforced,
  type ReceiveOptions,
  sliding,
} from './channel.ts';
export { type ChoiceOptions, type Chosen, choice, type Guard, priority, type Timeout, timeout } from './choice.ts';
export type { Clock } from './clock.ts';
export { type Composite, compose, composite, type Perform, type PerformingBody } from './composite.ts';
export {
  type Agent,
  type AgentEnd,
  type Conversation,
  type ConversationOptions,
  converse,
  InjectedCrash,
  type Played,
  playSession,
} from './converse.ts';
export { type Blocked, DeadlockError } from './deadlock.ts';
export {
  Enforcement,
  type EnforcementOptions,
  type Record,
  type UnlawfulEvent,
  UnlawfulEventError,
} from './enforcement.ts';
export { type AsyncContext, CSPEngine, type EngineChannelOptions, type EngineOptions } from './engine.ts';
export {
  ClosedError,
  CrowdedError,
  MisuseError,
  MovedError,
  PoisonedError,
  ProcessError,
  RejectedError,
  TimeoutError,
  WithdrawnError,
} from './errors.ts';
export {
  type Exploration,
  type Explored,
  type ExploreOptions,
  explore,
  type Run,
  type RunKind,
  replay,
  type System,
} from './explore.ts';
export type { ExtendedBody, ExtendedOptions } from './extended.ts';
export { type FaultPlan, type Faults, type InjectedFault, plannedFaults, rogue, silent, wanderer } from './faults.ts';
export { someOf } from './in-words.ts';
export { localMonitors } from './local-monitors.ts';
export type { Input, Output } from './mobile.ts';
export { type Monitor, monitorOf, type Refusal } from './monitor.ts';
export type { MultiwayEvent, Party } from './multiway.ts';
export { Network, type NetworkOptions, type Outcome, type Standing, type Warning } from './network.ts';
export type { OfferOptions } from './offer.ts';
export type { Body, Operation, Signal, Suspension } from './operation.ts';
export type { AnyBody, AsyncBody, Process, ProcessOptions, ProcessStatus } from './process.ts';
export type { Offered, Quiescence } from './quiescence.ts';
export { crashEvent, ENVIRONMENT, type Roles, rolesOf } from './roles.ts';
export type { Schedule } from './schedule.ts';
export { type Message, OverError, RefusedError, Seat, type Speaking, type Step } from './seat.ts';
export { Seeded } from './seeded.ts';
export {
  type Attempt,
  type Mode,
  type RefusalReason,
  Session,
  type SessionOptions,
  type SessionStatus,
} from './session.ts';
export type { SourceLine } from './source-line.ts';
