/**
 * `RUN(A)`: accepts every event of A, always.
 *
 *   --------------------  (a in A)
 *   RUN(A) -a-> RUN(A)
 */
import type { Run } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const run: Operator<Run> = {
  kind: 'run',
  notation: 'RUN(A)',
  precedence: Precedence.atom,
  rules: ['a in A => RUN(A) -a-> RUN(A)'],
  laws: [],
  running: () => [],
  fire: (process) => process.events.map((event) => ({ event, target: process })),
  show: (process, printer) => `RUN(${printer.events(process.events)})`,
};
