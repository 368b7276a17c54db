/**
 * Interrupt `P /\ Q`: Q may take over at any moment, until P terminates.
 *
 *     P -a-> P'                                    P -tick-> P'
 *   ----------------------  (a is not tick)     -------------------
 *   P /\ Q -a-> P' /\ Q                         P /\ Q -tick-> Ω
 *
 *     Q -a-> Q'                              Q -tau-> Q'
 *   ---------------  (a is not tau)     -----------------------
 *   P /\ Q -a-> Q'                      P /\ Q -tau-> P /\ Q'
 */
import { TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Interrupt } from '../process.ts';
import { associativity, type Compose, distributivity, zeroOfDivergence } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms }, P, Q) => terms.interrupt(P, Q);

export const interrupt: Operator<Interrupt> = {
  kind: 'interrupt',
  notation: 'P /\\ Q',
  precedence: Precedence.interrupt,
  rules: [
    "P -a-> P', a not tick => P /\\ Q -a-> P' /\\ Q",
    'P -tick-> => P /\\ Q -tick-> Ω',
    "Q -a-> Q', a not tau => P /\\ Q -a-> Q'",
    "Q -tau-> Q' => P /\\ Q -tau-> P /\\ Q'",
  ],
  running: ({ left, right }) => [left, right],
  *fire({ left, right }, step, terms) {
    for (const { event, target } of step(left)) {
      yield { event, target: event === TICK ? target : terms.interrupt(target, right) };
    }
    for (const { event, target } of step(right)) {
      yield { event, target: event === TAU ? terms.interrupt(left, target) : target };
    }
  },
  show: ({ left, right }, printer) =>
    `${printer.process(left, Precedence.interrupt)} /\\ ${printer.process(right, Precedence.interrupt + 1)}`,
  laws: [
    associativity('/\\', compose),
    ...distributivity('/\\', compose),
    zeroOfDivergence('/\\', compose),
    {
      name: '/\\-unit',
      equation: 'P /\\ STOP = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.interrupt(P, terms.stop),
      right: ({ P }) => P,
    },
    {
      name: '/\\-left-unit',
      equation: 'STOP /\\ P = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.interrupt(terms.stop, P),
      right: ({ P }) => P,
    },
    {
      name: '/\\-SKIP',
      equation: 'SKIP /\\ P = SKIP [] P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.interrupt(terms.skip, P),
      right: ({ terms, P }) => terms.externalChoice([terms.skip, P]),
    },
    {
      name: '/\\-step',
      equation: '(a -> P) /\\ Q = (a -> (P /\\ Q)) [] Q',
      models: ALL_MODELS,
      left: ({ terms, a, P, Q }) => terms.interrupt(terms.prefix(a, P), Q),
      right: ({ terms, a, P, Q }) => terms.externalChoice([terms.prefix(a, terms.interrupt(P, Q)), Q]),
    },
  ],
};
