/** `Ω`: has terminated. No rule fires; unlike `STOP` it is not a deadlock. No syntax denotes it. */
import type { Omega } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const omega: Operator<Omega> = {
  kind: 'omega',
  notation: 'Ω',
  precedence: Precedence.atom,
  rules: [],
  running: () => [],
  fire: () => [],
  show: () => 'Ω',
  laws: [],
};
