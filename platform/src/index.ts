export type * from './capabilities.ts';
export { Fault, type FaultKind } from './fault.ts';
export { defineModule, type ErrorTable, type Health, type Module, type Started } from './module.ts';
export { type Call, defineOperation, type Example, type Operation, type Principal, type Stream } from './operation.ts';
