/**
 * The contract for modules of others: `enhanced-csp/module`. What a module declares, the capabilities it may ask for, and the schema language (zod)
 * in the version the platform reads.
 */
export type { View } from '@enhanced-csp/engine';
export {
  type AgentKind,
  allow,
  type Call,
  type Capabilities,
  type Change,
  type Clock,
  type Collection,
  defineModule,
  defineOperation,
  defineProcessKind,
  deny,
  type ErrorTable,
  escapeHtml,
  Fault,
  type FaultKind,
  type Health,
  type Html,
  html,
  type Metrics,
  type Module,
  type Notifications,
  type Operation,
  type Page,
  type Policy,
  type PolicyAnswer,
  type PolicyRequest,
  type Principal,
  type ProcessKind,
  type Query,
  type RenderedPage,
  refuseStale,
  type Specification,
  type Started,
  type Store,
  type Stored,
  type Stream,
} from '@enhanced-csp/platform';
export { z } from 'zod';
