/**
 * Synchronizing interrupt `P /+A+\ Q`: as interrupt, but events of A are performed together and do not interrupt.
 *
 *   P -a-> P'   Q -a-> Q'                         P -a-> P'
 *   ------------------------------  (a in A)     ---------------------------  (a neither in A nor tick)
 *   P /+A+\ Q -a-> P' /+A+\ Q'                   P /+A+\ Q -a-> P' /+A+\ Q
 *
 *     Q -a-> Q'                                    Q -tau-> Q'
 *   ------------------  (a neither in A nor tau)  ---------------------------
 *   P /+A+\ Q -a-> Q'                             P /+A+\ Q -tau-> P /+A+\ Q'
 *
 * and P's tick ends it. With `A = {tock}` it is the interrupt of timed CSP.
 */
import { contains, NO_EVENTS, TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { SynchronizingInterrupt } from '../process.ts';
import { type Compose, distributivity, zeroOfDivergence } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms, A }, P, Q) => terms.synchronizingInterrupt(P, A, Q);

export const synchronizingInterrupt: Operator<SynchronizingInterrupt> = {
  kind: 'synchronizingInterrupt',
  notation: 'P /+A+\\ Q',
  precedence: Precedence.interrupt,
  rules: [
    "P -a-> P', Q -a-> Q', a in A => P /+A+\\ Q -a-> P' /+A+\\ Q'",
    "P -a-> P', a neither in A nor tick => P /+A+\\ Q -a-> P' /+A+\\ Q",
    'P -tick-> => P /+A+\\ Q -tick-> Ω',
    "Q -a-> Q', a neither in A nor tau => P /+A+\\ Q -a-> Q'",
    "Q -tau-> Q' => P /+A+\\ Q -tau-> P /+A+\\ Q'",
  ],
  running: ({ left, right }) => [left, right],
  *fire({ left, events, right }, step, terms) {
    const rightSteps = step(right);
    for (const { event, target } of step(left)) {
      if (contains(events, event)) {
        for (const other of rightSteps) {
          if (other.event !== event) continue;
          yield { event, target: terms.synchronizingInterrupt(target, events, other.target) };
        }
      } else yield { event, target: event === TICK ? target : terms.synchronizingInterrupt(target, events, right) };
    }
    for (const { event, target } of rightSteps) {
      if (event === TAU) yield { event, target: terms.synchronizingInterrupt(left, events, target) };
      else if (!contains(events, event)) yield { event, target };
    }
  },
  show: ({ left, events, right }, printer) =>
    `${printer.process(left, Precedence.interrupt)} /+${printer.events(events)}+\\ ${printer.process(right, Precedence.interrupt + 1)}`,
  laws: [
    ...distributivity('/+A+\\', compose),
    zeroOfDivergence('/+A+\\', compose),
    {
      name: '/+A+\\-nothing',
      equation: 'P /+{}+\\ Q = P /\\ Q',
      models: ALL_MODELS,
      left: ({ terms, P, Q }) => terms.synchronizingInterrupt(P, NO_EVENTS, Q),
      right: ({ terms, P, Q }) => terms.interrupt(P, Q),
    },
    {
      name: '/+A+\\-RUN',
      equation: 'P /+A+\\ RUN(A) = P',
      models: ALL_MODELS,
      left: ({ terms, P, A }) => terms.synchronizingInterrupt(P, A, terms.run(A)),
      right: ({ P }) => P,
    },
    {
      name: '/+A+\\-step',
      equation: '(a -> P) /+A+\\ (a -> Q) = a -> (P /+A+\\ Q), if a in A',
      models: ALL_MODELS,
      provided: ({ a, A }) => contains(A, a),
      left: (i) => compose(i, i.terms.prefix(i.a, i.P), i.terms.prefix(i.a, i.Q)),
      right: (i) => i.terms.prefix(i.a, compose(i, i.P, i.Q)),
    },
  ],
};
