/**
 * `DIV`: works for ever without communicating.
 *
 *   --------------
 *   DIV -tau-> DIV
 */
import { TAU } from '../events.ts';
import type { Div } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const div: Operator<Div> = {
  kind: 'div',
  notation: 'DIV',
  precedence: Precedence.atom,
  rules: ['DIV -tau-> DIV'],
  running: () => [],
  fire: (process) => [{ event: TAU, target: process }],
  show: () => 'DIV',
  laws: [
    {
      name: 'DIV-traces',
      equation: 'DIV = STOP',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms }) => terms.div,
      right: ({ terms }) => terms.stop,
    },
  ],
};
