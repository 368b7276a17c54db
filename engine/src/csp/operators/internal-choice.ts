/**
 * Internal choice `P |~| Q`: the process decides, and nobody can tell when.
 *
 *   -----------------     -----------------
 *   P |~| Q -tau-> P      P |~| Q -tau-> Q
 */
import { TAU } from '../events.ts';
import type { InternalChoice } from '../process.ts';
import { associativity, type Compose, idempotence, symmetry } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms }, P, Q) => terms.internalChoice([P, Q]);

export const internalChoice: Operator<InternalChoice> = {
  kind: 'internalChoice',
  notation: 'P |~| Q',
  precedence: Precedence.internalChoice,
  rules: ['P |~| Q -tau-> P', 'P |~| Q -tau-> Q'],
  running: () => [],
  fire: ({ branches }) => branches.map((target) => ({ event: TAU, target })),
  show: ({ branches }, printer) =>
    branches.map((branch) => printer.process(branch, Precedence.internalChoice + 1)).join(' |~| '),
  laws: [
    idempotence('|~|', compose),
    symmetry('|~|', compose),
    associativity('|~|', compose),
    {
      name: '|~|-unit',
      equation: 'P |~| STOP = P',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms, P }) => terms.internalChoice([P, terms.stop]),
      right: ({ P }) => P,
    },
    {
      name: '|~|-DIV-unit',
      equation: 'P |~| DIV = P',
      models: ['T', 'F'],
      failsIn: ['FD'],
      left: ({ terms, P }) => terms.internalChoice([P, terms.div]),
      right: ({ P }) => P,
    },
    {
      name: '|~|-zero',
      equation: 'P |~| DIV = DIV',
      models: ['FD'],
      failsIn: ['T', 'F'],
      left: ({ terms, P }) => terms.internalChoice([P, terms.div]),
      right: ({ terms }) => terms.div,
    },
  ],
};
