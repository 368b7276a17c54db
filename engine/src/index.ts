export { type Cast, type Decide, deciding, fieldsOf, type View } from './agent.ts';
export { auditFile } from './audit-file.ts';
export { type Chart, chartOf, chartOfReport, drawChart, type Lane, labelOf, type Row, withoutIdle } from './chart.ts';
export { type CheckOptions, check, reported } from './check.ts';
export { ENGINE_CODES } from './codes.ts';
export { type Connected, type Connections, connectionsOf, type Link } from './connections.ts';
export { type ConversationPragma, conversationOf } from './conversation.ts';
export { type DrawOptions, draw, isNetwork } from './draw.ts';
export { type Loaded, type LoadOptions, load, type Phase } from './load.ts';
export {
  OBLIGATIONS,
  type Opened,
  openProtocol,
  type Protocol,
  type ProtocolDefinition,
  partsOf,
  withObligations,
} from './protocol.ts';
export {
  type LocalProtocol,
  localProtocols,
  type Mistaken,
  type Realizability,
  type RealizabilityOptions,
  realizability,
} from './realizability.ts';
export { type Replayed, replayReport } from './replay-report.ts';
export type {
  Report,
  ReportedAssertion,
  ReportedBlock,
  ReportedComponent,
  ReportedCounterexample,
  ReportedDiagnostic,
  ReportedNumber,
  ReportedPlace,
  ReportedPrint,
  ReportedShrunk,
  ReportedStep,
} from './report.ts';
export {
  type RestartGroups,
  type RestartGroupsOptions,
  type RestartVerdict,
  restartGroups,
} from './restart-groups.ts';
export { type ShrinkOptions, shrinkData } from './shrink.ts';
export { becauseOf, sentenceOf } from './words.ts';
