/**
 * Internal choice `P |~| Q`: the process decides, and nobody can tell when.
 *
 *   -----------------     -----------------
 *   P |~| Q -tau-> P      P |~| Q -tau-> Q
 */
import { TAU } from '../events.ts';
import type { InternalChoice } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const internalChoice: Operator<InternalChoice> = {
  kind: 'internalChoice',
  notation: 'P |~| Q',
  precedence: Precedence.internalChoice,
  rules: ['P |~| Q -tau-> P', 'P |~| Q -tau-> Q'],
  laws: [],
  running: () => [],
  fire: ({ branches }) => branches.map((target) => ({ event: TAU, target })),
  show: ({ branches }, printer) =>
    branches.map((branch) => printer.process(branch, Precedence.internalChoice + 1)).join(' |~| '),
};
