export { type Monitor, monitorOf, type Refusal } from './monitor.ts';
export { ENVIRONMENT, type Roles, rolesOf } from './roles.ts';
export { type Attempt, type RefusalReason, Session, type SessionOptions, type SessionStatus } from './session.ts';
