/** `STOP`: does nothing. No rule fires. It is what deadlock looks like from outside. */
import type { Stop } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const stop: Operator<Stop> = {
  kind: 'stop',
  notation: 'STOP',
  precedence: Precedence.atom,
  rules: [],
  running: () => [],
  fire: () => [],
  show: () => 'STOP',
  laws: [],
};
