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
  laws: [],
  running: () => [],
  fire: (process) => [{ event: TAU, target: process }],
  show: () => 'DIV',
};
