/**
 * Hiding `P \ A`: the events of A happen by themselves, unseen.
 *
 *     P -a-> P'                             P -a-> P'
 *   -------------------  (a in A)     --------------------  (a not in A)
 *   P \ A -tau-> P' \ A               P \ A -a-> P' \ A
 *
 * Tick is never hidden. This is where divergence arises: `P \ {a}` with `P = a -> P` works for ever.
 */
import { contains, NO_EVENTS, TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Hide } from '../process.ts';
import { unionOf } from '../terms.ts';
import { unaryDistributivity } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

export const hide: Operator<Hide> = {
  kind: 'hide',
  notation: 'P \\ A',
  precedence: Precedence.hide,
  rules: ["P -a-> P', a in A => P \\ A -tau-> P' \\ A", "P -a-> P', a not in A => P \\ A -a-> P' \\ A"],
  running: ({ process }) => [process],
  *fire({ process, events }, step, terms) {
    for (const { event, target } of step(process)) {
      if (event === TICK) yield { event, target };
      else yield { event: contains(events, event) ? TAU : event, target: terms.hide(target, events) };
    }
  },
  show: ({ process, events }, printer) => `${printer.process(process, Precedence.hide)} \\ ${printer.events(events)}`,
  laws: [
    unaryDistributivity(
      '\\',
      (argument) => `${argument} \\ A`,
      ({ terms, A }, process) => terms.hide(process, A),
    ),
    {
      name: '\\-nothing',
      equation: 'P \\ {} = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.hide(P, NO_EVENTS),
      right: ({ P }) => P,
    },
    {
      name: '\\-twice',
      equation: '(P \\ A) \\ B = P \\ (A u B)',
      models: ALL_MODELS,
      left: ({ terms, P, A, B }) => terms.hide(terms.hide(P, A), B),
      right: ({ terms, P, A, B }) => terms.hide(P, unionOf([A, B])),
    },
    {
      name: '\\-step-hidden',
      equation: '(a -> P) \\ A = P \\ A, if a in A',
      models: ALL_MODELS,
      provided: ({ a, A }) => contains(A, a),
      left: ({ terms, a, P, A }) => terms.hide(terms.prefix(a, P), A),
      right: ({ terms, P, A }) => terms.hide(P, A),
    },
    {
      name: '\\-step-visible',
      equation: '(a -> P) \\ A = a -> (P \\ A), if a not in A',
      models: ALL_MODELS,
      provided: ({ a, A }) => !contains(A, a),
      left: ({ terms, a, P, A }) => terms.hide(terms.prefix(a, P), A),
      right: ({ terms, a, P, A }) => terms.prefix(a, terms.hide(P, A)),
    },
    {
      name: '\\-step-both',
      equation: '(a -> P [] b -> Q) \\ {a} = (b -> (Q \\ {a})) [> (P \\ {a})',
      models: ALL_MODELS,
      left: ({ terms, a, b, P, Q }) => terms.hide(terms.externalChoice([terms.prefix(a, P), terms.prefix(b, Q)]), [a]),
      right: ({ terms, a, b, P, Q }) => terms.slidingChoice(terms.prefix(b, terms.hide(Q, [a])), terms.hide(P, [a])),
    },
    {
      name: '\\-;-distributivity',
      equation: '(P ; Q) \\ A = (P \\ A) ; (Q \\ A)',
      models: ALL_MODELS,
      left: ({ terms, P, Q, A }) => terms.hide(terms.sequential(P, Q), A),
      right: ({ terms, P, Q, A }) => terms.sequential(terms.hide(P, A), terms.hide(Q, A)),
    },
    {
      name: '\\-[|A|]-distributivity',
      equation: '(P [|A|] Q) \\ B = (P \\ B) [|A|] (Q \\ B), if A and B are disjoint',
      models: ALL_MODELS,
      provided: ({ A, B }) => !A.some((event) => contains(B, event)),
      left: ({ terms, P, Q, A, B }) => terms.hide(terms.generalizedParallel([P, Q], A), B),
      right: ({ terms, P, Q, A, B }) => terms.generalizedParallel([terms.hide(P, B), terms.hide(Q, B)], A),
    },
    {
      name: '\\-[|A|]-overlap',
      equation: '(P [|A|] Q) \\ A = (P \\ A) [|A|] (Q \\ A)',
      models: [],
      failsIn: ['T', 'F', 'FD'],
      left: ({ terms, P, Q, A }) => terms.hide(terms.generalizedParallel([P, Q], A), A),
      right: ({ terms, P, Q, A }) => terms.generalizedParallel([terms.hide(P, A), terms.hide(Q, A)], A),
    },
    {
      name: '\\-[]-distributivity',
      equation: '(P [] Q) \\ A = (P \\ A) [] (Q \\ A)',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms, P, Q, A }) => terms.hide(terms.externalChoice([P, Q]), A),
      right: ({ terms, P, Q, A }) => terms.externalChoice([terms.hide(P, A), terms.hide(Q, A)]),
    },
    {
      name: '\\-RUN',
      equation: 'RUN(A) \\ A = DIV, if A is not empty',
      models: ALL_MODELS,
      provided: ({ A }) => A.length > 0,
      left: ({ terms, A }) => terms.hide(terms.run(A), A),
      right: ({ terms }) => terms.div,
    },
  ],
};
