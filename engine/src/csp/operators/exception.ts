/**
 * Exception `P [|A|> Q`: an event of A hands control to Q, after it has happened.
 *
 *     P -a-> P'                                           P -a-> P'
 *   ------------------  (a in A)     -----------------------------  (a neither in A nor tick)
 *   P [|A|> Q -a-> Q                 P [|A|> Q -a-> P' [|A|> Q
 *
 * and P's tick ends it: a process that has terminated throws nothing.
 */
import { contains, TICK } from '../events.ts';
import type { Exception } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const exception: Operator<Exception> = {
  kind: 'exception',
  notation: 'P [|A|> Q',
  precedence: Precedence.parallel,
  rules: [
    "P -a-> P', a in A => P [|A|> Q -a-> Q",
    "P -a-> P', a neither in A nor tick => P [|A|> Q -a-> P' [|A|> Q",
    'P -tick-> => P [|A|> Q -tick-> Ω',
  ],
  laws: [],
  running: ({ left }) => [left],
  *fire({ left, events, right }, step, terms) {
    for (const { event, target } of step(left)) {
      if (contains(events, event)) yield { event, target: right };
      else yield { event, target: event === TICK ? target : terms.exception(target, events, right) };
    }
  },
  show: ({ left, events, right }, printer) =>
    `${printer.process(left, Precedence.parallel + 1)} [|${printer.events(events)}|> ${printer.process(right, Precedence.parallel + 1)}`,
};
