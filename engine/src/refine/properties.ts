/**
 * Deadlock and divergence, looked for in the states themselves.
 */
import type { Limits, Lts } from '../lts/index.ts';
import { decide } from './decide.ts';
import type { Verdict } from './verdict.ts';

/**
 * Whether `lts` never comes to a state, other than after termination, in which nothing can happen.
 * In `FD` a divergence is a failure as well, since a diverging process promises nothing; `F` does not look at it.
 *
 * @example
 * deadlockFree('F', compile(terms, philosophers)); // fails: each has taken one fork
 */
export function deadlockFree(model: 'F' | 'FD', lts: Lts, limits: Limits = {}): Verdict {
  return decide(lts, { deadlock: true, divergence: model === 'FD' }, limits);
}

/**
 * Whether `lts` never does internal steps for ever. The counterexample has the loop.
 *
 * @example
 * divergenceFree(compile(terms, terms.hide(clock, [tick]))); // fails
 */
export function divergenceFree(lts: Lts, limits: Limits = {}): Verdict {
  return decide(lts, { divergence: true }, limits);
}
