/**
 * Interleaving `P ||| Q`: side by side, agreeing on nothing but the end.
 *
 *      P -a-> P'
 *   ----------------------  (a is not tick)     and the same for Q
 *   P ||| Q -a-> P' ||| Q
 *
 * Termination is distributed: see `distributed-termination.ts`.
 */
import { TAU, TICK } from '../events.ts';
import type { Interleave } from '../process.ts';
import { withoutAgreement } from './distributed-termination.ts';
import { type Operator, Precedence } from './operator.ts';

export const interleave: Operator<Interleave> = {
  kind: 'interleave',
  notation: 'P ||| Q',
  precedence: Precedence.interleave,
  rules: [
    "P -a-> P', a not tick => P ||| Q -a-> P' ||| Q",
    'P -tick-> => P ||| Q -tau-> Ω ||| Q',
    'and the same for Q',
    'Ω ||| Ω -tick-> Ω',
  ],
  laws: [],
  running: ({ components }) => components,
  *fire({ components }, step, terms) {
    yield* withoutAgreement(components, step, terms, (i, target) => terms.interleave(components.with(i, target)));
    for (const [i, component] of components.entries()) {
      for (const { event, target } of step(component)) {
        if (event !== TAU && event !== TICK) yield { event, target: terms.interleave(components.with(i, target)) };
      }
    }
  },
  show: ({ components }, printer) =>
    components.map((component) => printer.process(component, Precedence.interleave + 1)).join(' ||| '),
};
