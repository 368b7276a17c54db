/**
 * Generalized parallel `P [|A|] Q`: events of A need components.keys(), all others need one.
 *
 *   P -a-> P'   Q -a-> Q'                       P -a-> P'
 *   ----------------------------  (a in A)     --------------------------  (a neither in A nor tick)
 *   P [|A|] Q -a-> P' [|A|] Q'                 P [|A|] Q -a-> P' [|A|] Q
 *
 * and the same for Q. Termination is distributed: see `distributed-termination.ts`.
 */
import { contains, TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { GeneralizedParallel } from '../process.ts';
import { together } from './agreement.ts';
import { withoutAgreement } from './distributed-termination.ts';
import { associativity, type Compose, distributivity, symmetry, zeroOfDivergence } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms, A }, P, Q) => terms.generalizedParallel([P, Q], A);

export const generalizedParallel: Operator<GeneralizedParallel> = {
  kind: 'generalizedParallel',
  notation: 'P [|A|] Q',
  precedence: Precedence.parallel,
  rules: [
    "P -a-> P', Q -a-> Q', a in A => P [|A|] Q -a-> P' [|A|] Q'",
    "P -a-> P', a neither in A nor tick => P [|A|] Q -a-> P' [|A|] Q",
    'P -tick-> => P [|A|] Q -tau-> Ω [|A|] Q',
    'and the same for Q',
    'Ω [|A|] Ω -tick-> Ω',
  ],
  running: ({ components }) => components,
  *fire({ components, events }, step, terms) {
    const rebuild = (i: number, target: (typeof components)[number]) =>
      terms.generalizedParallel(components.with(i, target), events);
    yield* withoutAgreement(components, step, terms, rebuild);
    const steps = components.map(step);
    for (const [i, transitions] of steps.entries()) {
      for (const { event, target } of transitions) {
        if (event === TAU || event === TICK || contains(events, event)) continue;
        yield { event, target: rebuild(i, target) };
      }
    }
    const offered = new Set(steps[0]!.map(({ event }) => event).filter((event) => contains(events, event)));
    for (const event of offered) {
      for (const next of together(components, steps, components.keys(), event)) {
        yield { event, target: terms.generalizedParallel(next, events) };
      }
    }
  },
  // Parallel operators do not associate in CSPM: three components need parentheses.
  show: ({ components, events }, printer) =>
    components
      .map((component) => printer.process(component, Precedence.parallel + 1))
      .reduce((left, right, i) => `${i > 1 ? `(${left})` : left} [|${printer.events(events)}|] ${right}`),
  laws: [
    symmetry('[|A|]', compose),
    associativity('[|A|]', compose),
    ...distributivity('[|A|]', compose),
    zeroOfDivergence('[|A|]', compose),
    {
      name: '[|A|]-idempotence',
      equation: 'P [|Σ|] P = P',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms, P, sigma }) => terms.generalizedParallel([P, P], sigma),
      right: ({ P }) => P,
    },
    {
      name: '[|A|]-RUN',
      equation: 'P [|Σ|] RUN(Σ) = P ; STOP',
      models: ALL_MODELS,
      left: ({ terms, P, sigma }) => terms.generalizedParallel([P, terms.run(sigma)], sigma),
      right: ({ terms, P }) => terms.sequential(P, terms.stop),
    },
    {
      name: '[|A|]-step-together',
      equation: 'a -> P [|A|] a -> Q = a -> (P [|A|] Q), if a in A',
      models: ALL_MODELS,
      provided: ({ a, A }) => contains(A, a),
      left: ({ terms, a, P, A, Q }) => terms.generalizedParallel([terms.prefix(a, P), terms.prefix(a, Q)], A),
      right: ({ terms, a, P, A, Q }) => terms.prefix(a, terms.generalizedParallel([P, Q], A)),
    },
    {
      name: '[|A|]-step-alone',
      equation: 'a -> P [|A|] b -> Q = b -> (a -> P [|A|] Q), if a in A and b not in A',
      models: ALL_MODELS,
      provided: ({ a, b, A }) => contains(A, a) && !contains(A, b),
      left: ({ terms, a, b, P, A, Q }) => terms.generalizedParallel([terms.prefix(a, P), terms.prefix(b, Q)], A),
      right: ({ terms, a, b, P, A, Q }) => terms.prefix(b, terms.generalizedParallel([terms.prefix(a, P), Q], A)),
    },
    {
      name: '[|A|]-step-deadlock',
      equation: 'a -> P [|A|] b -> Q = STOP, if a and b in A',
      models: ALL_MODELS,
      provided: ({ a, b, A }) => contains(A, a) && contains(A, b),
      left: ({ terms, a, b, P, A, Q }) => terms.generalizedParallel([terms.prefix(a, P), terms.prefix(b, Q)], A),
      right: ({ terms }) => terms.stop,
    },
  ],
};
