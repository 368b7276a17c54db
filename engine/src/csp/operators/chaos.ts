/**
 * `CHAOS(A) = STOP |~| (?x:A -> CHAOS(A))`: may accept or refuse anything of A at any time. It never diverges and never terminates.
 *
 *   -----------------------     ---------------------------------------
 *   CHAOS(A) -tau-> STOP        CHAOS(A) -tau-> (?x:A -> CHAOS(A))
 */
import { TAU } from '../events.ts';
import type { Chaos } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const chaos: Operator<Chaos> = {
  kind: 'chaos',
  notation: 'CHAOS(A)',
  precedence: Precedence.atom,
  rules: ['CHAOS(A) -tau-> STOP', 'CHAOS(A) -tau-> (?x:A -> CHAOS(A))'],
  laws: [],
  running: () => [],
  *fire(process, _, terms) {
    yield { event: TAU, target: terms.stop };
    yield { event: TAU, target: terms.prefixChoice(process.events.map((event) => ({ event, next: process }))) };
  },
  show: (process, printer) => `CHAOS(${printer.events(process.events)})`,
};
