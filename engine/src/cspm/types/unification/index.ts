export { Budget } from './budget.ts';
export { Mismatch } from './mismatch.ts';
export { instantiate, substitute } from './substitution.ts';
export { Unification } from './unify.ts';
export { Variables } from './variables.ts';
