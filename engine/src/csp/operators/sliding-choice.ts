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
import type { SlidingChoice } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const slidingChoice: Operator<SlidingChoice> = {
  kind: 'slidingChoice',
  notation: 'P [> Q',
  precedence: Precedence.sliding,
  rules: ["P -a-> P', a not tau => P [> Q -a-> P'", "P -tau-> P' => P [> Q -tau-> P' [> Q", 'P [> Q -tau-> Q'],
  laws: [],
  running: ({ left }) => [left],
  *fire({ left, right }, step, terms) {
    for (const { event, target } of step(left)) {
      yield { event, target: event === TAU ? terms.slidingChoice(target, right) : target };
    }
    yield { event: TAU, target: right };
  },
  show: ({ left, right }, printer) =>
    `${printer.process(left, Precedence.sliding)} [> ${printer.process(right, Precedence.sliding + 1)}`,
};
