/**
 * Exception `P [|A|> Q`: an event of A hands control to Q, after it has happened.
 *
 *     P -a-> P'                                           P -a-> P'
 *   ------------------  (a in A)     -----------------------------  (a neither in A nor tick)
 *   P [|A|> Q -a-> Q                 P [|A|> Q -a-> P' [|A|> Q
 *
 * and P's tick ends it: a process that has terminated throws nothing.
 */
import { contains, NO_EVENTS, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Exception } from '../process.ts';
import { type Compose, distributivity } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms, A }, P, Q) => terms.exception(P, A, Q);

export const exception: Operator<Exception> = {
  kind: 'exception',
  notation: 'P [|A|> Q',
  precedence: Precedence.parallel,
  rules: [
    "P -a-> P', a in A => P [|A|> Q -a-> Q",
    "P -a-> P', a neither in A nor tick => P [|A|> Q -a-> P' [|A|> Q",
    'P -tick-> => P [|A|> Q -tick-> Ω',
  ],
  running: ({ left }) => [left],
  *fire({ left, events, right }, step, terms) {
    for (const { event, target } of step(left)) {
      if (contains(events, event)) yield { event, target: right };
      else yield { event, target: event === TICK ? target : terms.exception(target, events, right) };
    }
  },
  show: ({ left, events, right }, printer) =>
    `${printer.process(left, Precedence.parallel + 1)} [|${printer.events(events)}|> ${printer.process(right, Precedence.parallel + 1)}`,
  laws: [
    ...distributivity('[|A|>', compose),
    {
      name: '[|A|>-step-throw',
      equation: '(a -> P) [|A|> Q = a -> Q, if a in A',
      models: ALL_MODELS,
      provided: ({ a, A }) => contains(A, a),
      left: ({ terms, a, P, A, Q }) => terms.exception(terms.prefix(a, P), A, Q),
      right: ({ terms, a, Q }) => terms.prefix(a, Q),
    },
    {
      name: '[|A|>-step',
      equation: '(a -> P) [|A|> Q = a -> (P [|A|> Q), if a not in A',
      models: ALL_MODELS,
      provided: ({ a, A }) => !contains(A, a),
      left: ({ terms, a, P, A, Q }) => terms.exception(terms.prefix(a, P), A, Q),
      right: ({ terms, a, P, A, Q }) => terms.prefix(a, terms.exception(P, A, Q)),
    },
    {
      name: '[|A|>-unit',
      equation: 'P [|{}|> Q = P',
      models: ALL_MODELS,
      left: ({ terms, P, Q }) => terms.exception(P, NO_EVENTS, Q),
      right: ({ P }) => P,
    },
    {
      name: '[|A|>-again',
      equation: '(P [|A|> Q) [|A|> R = P [|A|> R',
      models: ALL_MODELS,
      left: ({ terms, P, A, Q, R }) => terms.exception(terms.exception(P, A, Q), A, R),
      right: ({ terms, P, A, R }) => terms.exception(P, A, R),
    },
  ],
};
