/**
 * `SKIP`: terminates successfully.
 *
 *   ----------------
 *   SKIP -tick-> Ω
 *
 * Tick is a signal, not an offer: the environment cannot prevent it (Roscoe, The Theory and Practice of Concurrency, section 6.1).
 */
import { TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Skip } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const skip: Operator<Skip> = {
  kind: 'skip',
  notation: 'SKIP',
  precedence: Precedence.atom,
  rules: ['SKIP -tick-> Ω'],
  running: () => [],
  fire: (_, __, terms) => [{ event: TICK, target: terms.omega }],
  show: () => 'SKIP',
  laws: [
    {
      name: 'SKIP-withdraws',
      equation: 'P [] SKIP = P [> SKIP',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.externalChoice([P, terms.skip]),
      right: ({ terms, P }) => terms.slidingChoice(P, terms.skip),
    },
    {
      name: 'SKIP-is-not-STOP',
      equation: 'SKIP = STOP',
      models: [],
      failsIn: ['T', 'F', 'FD'],
      left: ({ terms }) => terms.skip,
      right: ({ terms }) => terms.stop,
    },
  ],
};
