/**
 * Sliding choice `P [> Q`, or timeout: P's initials are offered until the process withdraws them in favor of Q.
 *
 *     P -a-> P'                             P -tau-> P'
 *   --------------  (a is not tau)     -----------------------     ----------------
 *   P [> Q -a-> P'                     P [> Q -tau-> P' [> Q       P [> Q -tau-> Q
 *
 * It is never stable: whether P's events happen is not for the environment to rely on.
 */
import { TAU } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { SlidingChoice } from '../process.ts';
import { associativity, type Compose, distributivity, idempotence, zeroOfDivergence } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms }, P, Q) => terms.slidingChoice(P, Q);

export const slidingChoice: Operator<SlidingChoice> = {
  kind: 'slidingChoice',
  notation: 'P [> Q',
  precedence: Precedence.sliding,
  rules: ["P -a-> P', a not tau => P [> Q -a-> P'", "P -tau-> P' => P [> Q -tau-> P' [> Q", 'P [> Q -tau-> Q'],
  running: ({ left }) => [left],
  *fire({ left, right }, step, terms) {
    for (const { event, target } of step(left)) {
      yield { event, target: event === TAU ? terms.slidingChoice(target, right) : target };
    }
    yield { event: TAU, target: right };
  },
  show: ({ left, right }, printer) =>
    `${printer.process(left, Precedence.sliding)} [> ${printer.process(right, Precedence.sliding + 1)}`,
  laws: [
    idempotence('[>', compose),
    associativity('[>', compose),
    ...distributivity('[>', compose),
    zeroOfDivergence('[>', compose),
    {
      name: '[>-definition',
      equation: 'P [> Q = (P |~| STOP) [] Q',
      models: ALL_MODELS,
      left: ({ terms, P, Q }) => terms.slidingChoice(P, Q),
      right: ({ terms, P, Q }) => terms.externalChoice([terms.internalChoice([P, terms.stop]), Q]),
    },
    {
      name: '[>-choices',
      equation: 'P [> Q = (P [] Q) |~| Q',
      models: ALL_MODELS,
      left: ({ terms, P, Q }) => terms.slidingChoice(P, Q),
      right: ({ terms, P, Q }) => terms.internalChoice([terms.externalChoice([P, Q]), Q]),
    },
    {
      name: '[>-left-unit',
      equation: 'STOP [> P = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.slidingChoice(terms.stop, P),
      right: ({ P }) => P,
    },
    {
      name: '[>-STOP',
      equation: 'P [> STOP = P |~| STOP',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.slidingChoice(P, terms.stop),
      right: ({ terms, P }) => terms.internalChoice([P, terms.stop]),
    },
  ],
};
