/**
 * Sequential composition `P ; Q`: when P terminates, Q begins. P's tick is not seen outside.
 *
 *     P -a-> P'                                P -tick-> P'
 *   -------------------  (a is not tick)     -----------------
 *   P ; Q -a-> P' ; Q                        P ; Q -tau-> Q
 */
import { TAU, TICK } from '../events.ts';
import type { Sequential } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const sequential: Operator<Sequential> = {
  kind: 'sequential',
  notation: 'P ; Q',
  precedence: Precedence.sequential,
  rules: ["P -a-> P', a not tick => P ; Q -a-> P' ; Q", 'P -tick-> => P ; Q -tau-> Q'],
  laws: [],
  running: ({ left }) => [left],
  *fire({ left, right }, step, terms) {
    for (const { event, target } of step(left)) {
      if (event === TICK) yield { event: TAU, target: right };
      else yield { event, target: terms.sequential(target, right) };
    }
  },
  show: ({ left, right }, printer) =>
    `${printer.process(left, Precedence.sequential)} ; ${printer.process(right, Precedence.sequential + 1)}`,
};
