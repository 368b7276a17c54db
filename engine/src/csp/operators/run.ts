/**
 * `RUN(A)`: accepts every event of A, always.
 *
 *   --------------------  (a in A)
 *   RUN(A) -a-> RUN(A)
 */
import { ALL_MODELS } from '../law.ts';
import type { Run } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const run: Operator<Run> = {
  kind: 'run',
  notation: 'RUN(A)',
  precedence: Precedence.atom,
  rules: ['a in A => RUN(A) -a-> RUN(A)'],
  running: () => [],
  fire: (process) => process.events.map((event) => ({ event, target: process })),
  show: (process, printer) => `RUN(${printer.events(process.events)})`,
  laws: [
    {
      name: 'RUN-unfolding',
      equation: 'RUN(A) = ?x:A -> RUN(A)',
      models: ALL_MODELS,
      left: ({ terms, A }) => terms.run(A),
      right: ({ terms, A }) => terms.prefixChoice(A.map((event) => ({ event, next: terms.run(A) }))),
    },
    {
      name: 'RUN-choice',
      equation: 'RUN(A) [] RUN(B) = RUN(A) |~| RUN(B)',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms, A, B }) => terms.externalChoice([terms.run(A), terms.run(B)]),
      right: ({ terms, A, B }) => terms.internalChoice([terms.run(A), terms.run(B)]),
    },
  ],
};
