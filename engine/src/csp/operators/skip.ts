/**
 * `SKIP`: terminates successfully.
 *
 *   ----------------
 *   SKIP -tick-> Ω
 *
 * Tick is a signal, not an offer: the environment cannot prevent it (Roscoe, The Theory and Practice of Concurrency, section 6.1).
 */
import { TICK } from '../events.ts';
import type { Skip } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const skip: Operator<Skip> = {
  kind: 'skip',
  notation: 'SKIP',
  precedence: Precedence.atom,
  rules: ['SKIP -tick-> Ω'],
  laws: [],
  running: () => [],
  fire: (_, __, terms) => [{ event: TICK, target: terms.omega }],
  show: () => 'SKIP',
};
