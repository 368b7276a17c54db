/**
 * Projection `P |\ A`: hides everything but A.
 *
 *     P -a-> P'                                  P -a-> P'
 *   ---------------------  (a not in A)     ---------------------  (a in A)
 *   P |\ A -tau-> P' |\ A                   P |\ A -a-> P' |\ A
 *
 * Tick is never hidden.
 */
import { contains, TAU, TICK } from '../events.ts';
import type { Project } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const project: Operator<Project> = {
  kind: 'project',
  notation: 'P |\\ A',
  precedence: Precedence.hide,
  rules: ["P -a-> P', a not in A => P |\\ A -tau-> P' |\\ A", "P -a-> P', a in A => P |\\ A -a-> P' |\\ A"],
  laws: [],
  running: ({ process }) => [process],
  *fire({ process, events }, step, terms) {
    for (const { event, target } of step(process)) {
      if (event === TICK) yield { event, target };
      else yield { event: contains(events, event) ? event : TAU, target: terms.project(target, events) };
    }
  },
  show: ({ process, events }, printer) => `${printer.process(process, Precedence.hide)} |\\ ${printer.events(events)}`,
};
