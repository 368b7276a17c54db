/**
 * Interrupt `P /\ Q`: Q may take over at any moment, until P terminates.
 *
 *     P -a-> P'                                    P -tick-> P'
 *   ----------------------  (a is not tick)     -------------------
 *   P /\ Q -a-> P' /\ Q                         P /\ Q -tick-> Ω
 *
 *     Q -a-> Q'                              Q -tau-> Q'
 *   ---------------  (a is not tau)     -----------------------
 *   P /\ Q -a-> Q'                      P /\ Q -tau-> P /\ Q'
 */
import { TAU, TICK } from '../events.ts';
import type { Interrupt } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const interrupt: Operator<Interrupt> = {
  kind: 'interrupt',
  notation: 'P /\\ Q',
  precedence: Precedence.interrupt,
  rules: [
    "P -a-> P', a not tick => P /\\ Q -a-> P' /\\ Q",
    'P -tick-> => P /\\ Q -tick-> Ω',
    "Q -a-> Q', a not tau => P /\\ Q -a-> Q'",
    "Q -tau-> Q' => P /\\ Q -tau-> P /\\ Q'",
  ],
  laws: [],
  running: ({ left, right }) => [left, right],
  *fire({ left, right }, step, terms) {
    for (const { event, target } of step(left)) {
      yield { event, target: event === TICK ? target : terms.interrupt(target, right) };
    }
    for (const { event, target } of step(right)) {
      yield { event, target: event === TAU ? terms.interrupt(left, target) : target };
    }
  },
  show: ({ left, right }, printer) =>
    `${printer.process(left, Precedence.interrupt)} /\\ ${printer.process(right, Precedence.interrupt + 1)}`,
};
