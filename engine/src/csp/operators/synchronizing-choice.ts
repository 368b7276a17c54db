/**
 * Synchronizing external choice `P [+A+] Q`: events of A are performed together and leave the choice open; any other decides it.
 *
 *   P -a-> P'   Q -a-> Q'                       P -a-> P'
 *   ----------------------------  (a in A)     ------------------  (a neither in A nor tau)
 *   P [+A+] Q -a-> P' [+A+] Q'                 P [+A+] Q -a-> P'
 *
 * and the same for Q; taus of both are promoted. With `A = {tock}` it is the external choice of timed CSP.
 */
import { contains, NO_EVENTS, TAU } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { SynchronizingChoice } from '../process.ts';
import { together } from './agreement.ts';
import { associativity, type Compose, distributivity, symmetry, zeroOfDivergence } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms, A }, P, Q) => terms.synchronizingChoice([P, Q], A);

export const synchronizingChoice: Operator<SynchronizingChoice> = {
  kind: 'synchronizingChoice',
  notation: 'P [+A+] Q',
  precedence: Precedence.externalChoice,
  rules: [
    "P -a-> P', Q -a-> Q', a in A => P [+A+] Q -a-> P' [+A+] Q'",
    "P -a-> P', a neither in A nor tau => P [+A+] Q -a-> P'",
    "P -tau-> P' => P [+A+] Q -tau-> P' [+A+] Q",
    'and the same for Q',
  ],
  running: ({ branches }) => branches,
  *fire({ branches, events }, step, terms) {
    const steps = branches.map(step);
    for (const [i, transitions] of steps.entries()) {
      for (const { event, target } of transitions) {
        if (event === TAU) yield { event, target: terms.synchronizingChoice(branches.with(i, target), events) };
        else if (!contains(events, event)) yield { event, target };
      }
    }
    const offered = new Set(steps[0]!.map(({ event }) => event).filter((event) => contains(events, event)));
    for (const event of offered) {
      for (const next of together(branches, steps, branches.keys(), event)) {
        yield { event, target: terms.synchronizingChoice(next, events) };
      }
    }
  },
  show: ({ branches, events }, printer) =>
    branches
      .map((branch) => printer.process(branch, Precedence.externalChoice + 1))
      .join(` [+${printer.events(events)}+] `),
  laws: [
    symmetry('[+A+]', compose),
    associativity('[+A+]', compose),
    ...distributivity('[+A+]', compose),
    zeroOfDivergence('[+A+]', compose),
    {
      name: '[+A+]-nothing',
      equation: 'P [+{}+] Q = P [] Q',
      models: ALL_MODELS,
      left: ({ terms, P, Q }) => terms.synchronizingChoice([P, Q], NO_EVENTS),
      right: ({ terms, P, Q }) => terms.externalChoice([P, Q]),
    },
    {
      name: '[+A+]-idempotence',
      equation: 'P [+A+] P = P',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: (i) => compose(i, i.P, i.P),
      right: ({ P }) => P,
    },
    {
      name: '[+A+]-step',
      equation: 'a -> P [+A+] a -> Q = a -> (P [+A+] Q), if a in A',
      models: ALL_MODELS,
      provided: ({ a, A }) => contains(A, a),
      left: (i) => compose(i, i.terms.prefix(i.a, i.P), i.terms.prefix(i.a, i.Q)),
      right: (i) => i.terms.prefix(i.a, compose(i, i.P, i.Q)),
    },
    {
      name: '[+A+]-step-decides',
      equation: 'a -> P [+A+] b -> Q = a -> P [] b -> Q, if neither is in A',
      models: ALL_MODELS,
      provided: ({ a, b, A }) => !contains(A, a) && !contains(A, b),
      left: (i) => compose(i, i.terms.prefix(i.a, i.P), i.terms.prefix(i.b, i.Q)),
      right: ({ terms, a, b, P, Q }) => terms.externalChoice([terms.prefix(a, P), terms.prefix(b, Q)]),
    },
  ],
};
