/**
 * Prefix `a -> P` and prefix choice `?x:A -> P(x)`: the first event is the environment's choice.
 *
 *   ---------------------------  (a in A)
 *   (?x:A -> P(x)) -a-> P(a)
 *
 * Two branches on one event leave the choice between them to the process.
 */
import { ALL_MODELS } from '../law.ts';
import type { Prefix } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const prefix: Operator<Prefix> = {
  kind: 'prefix',
  notation: 'a -> P',
  precedence: Precedence.prefix,
  rules: ['a in A => (?x:A -> P(x)) -a-> P(a)'],
  running: () => [],
  fire: (process) => process.branches.map(({ event, next }) => ({ event, target: next })),
  show(process, printer) {
    const branches = process.branches.map(
      ({ event, next }) => `${printer.event(event)} -> ${printer.process(next, Precedence.prefix)}`,
    );
    return branches.length === 1 ? branches[0]! : `(${branches.join(' [] ')})`;
  },
  laws: [
    {
      name: 'prefix-distributivity',
      equation: 'a -> (P |~| Q) = a -> P |~| a -> Q',
      models: ALL_MODELS,
      left: ({ terms, a, P, Q }) => terms.prefix(a, terms.internalChoice([P, Q])),
      right: ({ terms, a, P, Q }) => terms.internalChoice([terms.prefix(a, P), terms.prefix(a, Q)]),
    },
    {
      name: 'prefix-same-event',
      equation: 'a -> P [] a -> Q = a -> (P |~| Q)',
      models: ALL_MODELS,
      left: ({ terms, a, P, Q }) => terms.externalChoice([terms.prefix(a, P), terms.prefix(a, Q)]),
      right: ({ terms, a, P, Q }) => terms.prefix(a, terms.internalChoice([P, Q])),
    },
    {
      name: 'prefix-choice',
      equation: '(?x:{a, b} -> P) = a -> P [] b -> P',
      models: ALL_MODELS,
      left: ({ terms, a, b, P }) =>
        terms.prefixChoice([
          { event: a, next: P },
          { event: b, next: P },
        ]),
      right: ({ terms, a, b, P }) => terms.externalChoice([terms.prefix(a, P), terms.prefix(b, P)]),
    },
    {
      name: 'prefix-[]-distributivity',
      equation: 'a -> (P [] Q) = a -> P [] a -> Q',
      models: ['T'],
      failsIn: ['F', 'FD'],
      left: ({ terms, a, P, Q }) => terms.prefix(a, terms.externalChoice([P, Q])),
      right: ({ terms, a, P, Q }) => terms.externalChoice([terms.prefix(a, P), terms.prefix(a, Q)]),
    },
  ],
};
