/**
 * `CHAOS(A) = STOP |~| (?x:A -> CHAOS(A))`: may accept or refuse anything of A at any time. It never diverges and never terminates.
 *
 *   -----------------------     ---------------------------------------
 *   CHAOS(A) -tau-> STOP        CHAOS(A) -tau-> (?x:A -> CHAOS(A))
 */
import { TAU } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Chaos } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const chaos: Operator<Chaos> = {
  kind: 'chaos',
  notation: 'CHAOS(A)',
  precedence: Precedence.atom,
  rules: ['CHAOS(A) -tau-> STOP', 'CHAOS(A) -tau-> (?x:A -> CHAOS(A))'],
  running: () => [],
  *fire(process, _, terms) {
    yield { event: TAU, target: terms.stop };
    yield { event: TAU, target: terms.prefixChoice(process.events.map((event) => ({ event, next: process }))) };
  },
  show: (process, printer) => `CHAOS(${printer.events(process.events)})`,
  laws: [
    {
      name: 'CHAOS-unfolding',
      equation: 'CHAOS(A) = STOP |~| (?x:A -> CHAOS(A))',
      models: ALL_MODELS,
      left: ({ terms, A }) => terms.chaos(A),
      right: ({ terms, A }) =>
        terms.internalChoice([terms.stop, terms.prefixChoice(A.map((event) => ({ event, next: terms.chaos(A) })))]),
    },
    {
      name: 'CHAOS-RUN',
      equation: 'CHAOS(A) = RUN(A)',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms, A }) => terms.chaos(A),
      right: ({ terms, A }) => terms.run(A),
    },
    {
      name: 'CHAOS-absorbs',
      equation: 'CHAOS(A) |~| RUN(A) = CHAOS(A)',
      models: ALL_MODELS,
      left: ({ terms, A }) => terms.internalChoice([terms.chaos(A), terms.run(A)]),
      right: ({ terms, A }) => terms.chaos(A),
    },
  ],
};
