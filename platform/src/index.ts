export type { AgentKind } from './agent-kind.ts';
export { assemble, type Platform } from './assemble.ts';
export { type CachedOptions, cached, cacheOff } from './cached.ts';
export * from './capabilities.ts';
export type { Catalog, PlatformHealth, SwitchedOff } from './catalog.ts';
export * from './config/index.ts';
export { PLATFORM_ERRORS } from './errors.ts';
export { Fault, type FaultKind } from './fault.ts';
export { escapeHtml, type Html, html, type Insert } from './html.ts';
export { randomFrom } from './identifiers.ts';
export {
  createdInput,
  LIST_ERRORS,
  type Listing,
  type ListPage,
  type ListQuery,
  listInput,
  listOutput,
  listPage,
} from './listing.ts';
export {
  type Counter,
  type Gauge,
  type Histogram,
  type Metric,
  type MetricDeclaration,
  type Metrics,
  metricsInMemory,
  type Series,
} from './metrics.ts';
export { defineModule, type ErrorTable, type Health, type Module, type Started } from './module.ts';
export { nearest } from './nearest.ts';
export { notificationsInMemory } from './notifications.ts';
export {
  type Call,
  defineOperation,
  type Example,
  type Operation,
  type Plan,
  type Principal,
  refuseStale,
  type Stream,
} from './operation.ts';
export type { Page, PlainDocument, RenderedPage } from './page.ts';
export type { Panel } from './panel.ts';
export { allow, deny, type Policy, type PolicyAnswer, type PolicyRequest } from './policy.ts';
export { defineProcessKind, type ProcessKind, type Specification } from './process-kind.ts';
export {
  type ModuleProtocol,
  moduleProtocol,
  type ProtocolDeclaration,
  type ProtocolMonitor,
  type ProtocolSession,
} from './protocol.ts';
export { timestamp } from './timestamp.ts';
export {
  NO_TRACER,
  type Span,
  type SpanAttributes,
  type SpanStart,
  type TraceContext,
  type Tracer,
  traceContextOf,
} from './tracing.ts';
