/**
 * Sequential composition `P ; Q`: when P terminates, Q begins. P's tick is not seen outside.
 *
 *     P -a-> P'                                P -tick-> P'
 *   -------------------  (a is not tick)     -----------------
 *   P ; Q -a-> P' ; Q                        P ; Q -tau-> Q
 */
import { TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Sequential } from '../process.ts';
import { associativity, type Compose, distributivity } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms }, P, Q) => terms.sequential(P, Q);

export const sequential: Operator<Sequential> = {
  kind: 'sequential',
  notation: 'P ; Q',
  precedence: Precedence.sequential,
  rules: ["P -a-> P', a not tick => P ; Q -a-> P' ; Q", 'P -tick-> => P ; Q -tau-> Q'],
  running: ({ left }) => [left],
  *fire({ left, right }, step, terms) {
    for (const { event, target } of step(left)) {
      if (event === TICK) yield { event: TAU, target: right };
      else yield { event, target: terms.sequential(target, right) };
    }
  },
  show: ({ left, right }, printer) =>
    `${printer.process(left, Precedence.sequential)} ; ${printer.process(right, Precedence.sequential + 1)}`,
  laws: [
    associativity(';', compose),
    ...distributivity(';', compose),
    {
      name: ';-left-unit',
      equation: 'SKIP ; P = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.sequential(terms.skip, P),
      right: ({ P }) => P,
    },
    {
      name: ';-right-unit',
      equation: 'P ; SKIP = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.sequential(P, terms.skip),
      right: ({ P }) => P,
    },
    {
      name: ';-STOP',
      equation: 'STOP ; P = STOP',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.sequential(terms.stop, P),
      right: ({ terms }) => terms.stop,
    },
    {
      name: ';-DIV',
      equation: 'DIV ; P = DIV',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.sequential(terms.div, P),
      right: ({ terms }) => terms.div,
    },
    {
      name: ';-step',
      equation: '(a -> P) ; Q = a -> (P ; Q)',
      models: ALL_MODELS,
      left: ({ terms, a, P, Q }) => terms.sequential(terms.prefix(a, P), Q),
      right: ({ terms, a, P, Q }) => terms.prefix(a, terms.sequential(P, Q)),
    },
    {
      name: ';-[]-distributivity',
      equation: '(P [] Q) ; R = (P ; R) [] (Q ; R)',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms, P, Q, R }) => terms.sequential(terms.externalChoice([P, Q]), R),
      right: ({ terms, P, Q, R }) => terms.externalChoice([terms.sequential(P, R), terms.sequential(Q, R)]),
    },
  ],
};
