/**
 * Hiding `P \ A`: the events of A happen by themselves, unseen.
 *
 *     P -a-> P'                             P -a-> P'
 *   -------------------  (a in A)     --------------------  (a not in A)
 *   P \ A -tau-> P' \ A               P \ A -a-> P' \ A
 *
 * Tick is never hidden. This is where divergence arises: `(a -> P) \ {a}` with `P = a -> P` works for ever.
 */
import { contains, TAU, TICK } from '../events.ts';
import type { Hide } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const hide: Operator<Hide> = {
  kind: 'hide',
  notation: 'P \\ A',
  precedence: Precedence.hide,
  rules: ["P -a-> P', a in A => P \\ A -tau-> P' \\ A", "P -a-> P', a not in A => P \\ A -a-> P' \\ A"],
  laws: [],
  running: ({ process }) => [process],
  *fire({ process, events }, step, terms) {
    for (const { event, target } of step(process)) {
      if (event === TICK) yield { event, target };
      else yield { event: contains(events, event) ? TAU : event, target: terms.hide(target, events) };
    }
  },
  show: ({ process, events }, printer) => `${printer.process(process, Precedence.hide)} \\ ${printer.events(events)}`,
};
