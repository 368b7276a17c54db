/**
 * External choice `P [] Q`: the environment decides.
 *
 *     P -a-> P'                             P -tau-> P'
 *   --------------  (a is not tau)     -----------------------
 *   P [] Q -a-> P'                     P [] Q -tau-> P' [] Q
 *
 * and the same for Q. A tau leaves the choice open; resolving it there would give internal choice.
 * Roscoe, Understanding Concurrent Systems, chapter 9.
 */
import { TAU } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { ExternalChoice } from '../process.ts';
import {
  associativity,
  type Compose,
  distributivity,
  idempotence,
  symmetry,
  zeroOfDivergence,
} from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms }, P, Q) => terms.externalChoice([P, Q]);

export const externalChoice: Operator<ExternalChoice> = {
  kind: 'externalChoice',
  notation: 'P [] Q',
  precedence: Precedence.externalChoice,
  rules: ["P -a-> P', a not tau => P [] Q -a-> P'", "P -tau-> P' => P [] Q -tau-> P' [] Q", 'and the same for Q'],
  running: ({ branches }) => branches,
  *fire({ branches }, step, terms) {
    for (const [i, branch] of branches.entries()) {
      for (const { event, target } of step(branch)) {
        yield { event, target: event === TAU ? terms.externalChoice(branches.with(i, target)) : target };
      }
    }
  },
  show: ({ branches }, printer) =>
    branches.map((branch) => printer.process(branch, Precedence.externalChoice + 1)).join(' [] '),
  laws: [
    idempotence('[]', compose),
    symmetry('[]', compose),
    associativity('[]', compose),
    ...distributivity('[]', compose),
    zeroOfDivergence('[]', compose),
    {
      name: '[]-unit',
      equation: 'P [] STOP = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.externalChoice([P, terms.stop]),
      right: ({ P }) => P,
    },
    {
      name: '|~|-[]-distributivity',
      equation: 'P |~| (Q [] R) = (P |~| Q) [] (P |~| R)',
      models: ALL_MODELS,
      left: ({ terms, P, Q, R }) => terms.internalChoice([P, terms.externalChoice([Q, R])]),
      right: ({ terms, P, Q, R }) => terms.externalChoice([terms.internalChoice([P, Q]), terms.internalChoice([P, R])]),
    },
    {
      name: '[]-|~|-traces',
      equation: 'P [] Q = P |~| Q',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms, P, Q }) => terms.externalChoice([P, Q]),
      right: ({ terms, P, Q }) => terms.internalChoice([P, Q]),
    },
  ],
};
