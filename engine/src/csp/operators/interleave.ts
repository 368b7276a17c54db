/**
 * Interleaving `P ||| Q`: side by side, agreeing on nothing but the end.
 *
 *      P -a-> P'
 *   ----------------------  (a is not tick)     and the same for Q
 *   P ||| Q -a-> P' ||| Q
 *
 * Termination is distributed: see `distributed-termination.ts`.
 */
import { NO_EVENTS, TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Interleave } from '../process.ts';
import { withoutAgreement } from './distributed-termination.ts';
import { associativity, type Compose, distributivity, symmetry, zeroOfDivergence } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms }, P, Q) => terms.interleave([P, Q]);

export const interleave: Operator<Interleave> = {
  kind: 'interleave',
  notation: 'P ||| Q',
  precedence: Precedence.interleave,
  rules: [
    "P -a-> P', a not tick => P ||| Q -a-> P' ||| Q",
    'P -tick-> => P ||| Q -tau-> Ω ||| Q',
    'and the same for Q',
    'Ω ||| Ω -tick-> Ω',
  ],
  running: ({ components }) => components,
  *fire({ components }, step, terms) {
    yield* withoutAgreement(components, step, terms, (i, target) => terms.interleave(components.with(i, target)));
    for (const [i, component] of components.entries()) {
      for (const { event, target } of step(component)) {
        if (event !== TAU && event !== TICK) yield { event, target: terms.interleave(components.with(i, target)) };
      }
    }
  },
  show: ({ components }, printer) =>
    components.map((component) => printer.process(component, Precedence.interleave + 1)).join(' ||| '),
  laws: [
    symmetry('|||', compose),
    associativity('|||', compose),
    ...distributivity('|||', compose),
    zeroOfDivergence('|||', compose),
    {
      name: '|||-unit',
      equation: 'P ||| SKIP = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.interleave([P, terms.skip]),
      right: ({ P }) => P,
    },
    {
      name: '|||-STOP',
      equation: 'P ||| STOP = P ; STOP',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.interleave([P, terms.stop]),
      right: ({ terms, P }) => terms.sequential(P, terms.stop),
    },
    {
      name: '|||-generalized',
      equation: 'P ||| Q = P [|{}|] Q',
      models: ALL_MODELS,
      left: ({ terms, P, Q }) => terms.interleave([P, Q]),
      right: ({ terms, P, Q }) => terms.generalizedParallel([P, Q], NO_EVENTS),
    },
    {
      name: '|||-step',
      equation: 'a -> P ||| b -> Q = a -> (P ||| b -> Q) [] b -> (a -> P ||| Q)',
      models: ALL_MODELS,
      left: ({ terms, a, b, P, Q }) => terms.interleave([terms.prefix(a, P), terms.prefix(b, Q)]),
      right: ({ terms, a, b, P, Q }) =>
        terms.externalChoice([
          terms.prefix(a, terms.interleave([P, terms.prefix(b, Q)])),
          terms.prefix(b, terms.interleave([terms.prefix(a, P), Q])),
        ]),
    },
    {
      name: '|||-RUN',
      equation: 'RUN(A) ||| RUN(A) = RUN(A)',
      models: ALL_MODELS,
      left: ({ terms, A }) => terms.interleave([terms.run(A), terms.run(A)]),
      right: ({ terms, A }) => terms.run(A),
    },
    {
      name: '|||-CHAOS',
      equation: 'CHAOS(A) ||| CHAOS(A) = CHAOS(A)',
      models: ALL_MODELS,
      left: ({ terms, A }) => terms.interleave([terms.chaos(A), terms.chaos(A)]),
      right: ({ terms, A }) => terms.chaos(A),
    },
  ],
};
