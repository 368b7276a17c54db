export { CONVERSATION_ERRORS } from './errors.ts';
export { conversations } from './module.ts';
export { STEP_DIAGNOSTICS } from './processes/diagnostics.ts';
