/**
 * Projection `P |\ A`: hides everything but A.
 *
 *     P -a-> P'                                  P -a-> P'
 *   ---------------------  (a not in A)     ---------------------  (a in A)
 *   P |\ A -tau-> P' |\ A                   P |\ A -a-> P' |\ A
 *
 * Tick is never hidden.
 */
import { contains, TAU, TICK, without } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Project } from '../process.ts';
import { unaryDistributivity } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

export const project: Operator<Project> = {
  kind: 'project',
  notation: 'P |\\ A',
  precedence: Precedence.hide,
  rules: ["P -a-> P', a not in A => P |\\ A -tau-> P' |\\ A", "P -a-> P', a in A => P |\\ A -a-> P' |\\ A"],
  running: ({ process }) => [process],
  *fire({ process, events }, step, terms) {
    for (const { event, target } of step(process)) {
      if (event === TICK) yield { event, target };
      else yield { event: contains(events, event) ? event : TAU, target: terms.project(target, events) };
    }
  },
  show: ({ process, events }, printer) => `${printer.process(process, Precedence.hide)} |\\ ${printer.events(events)}`,
  laws: [
    unaryDistributivity(
      '|\\',
      (argument) => `${argument} |\\ A`,
      ({ terms, A }, process) => terms.project(process, A),
    ),
    {
      name: '|\\-hide',
      equation: 'P |\\ A = P \\ (Σ - A)',
      models: ALL_MODELS,
      left: ({ terms, P, A }) => terms.project(P, A),
      right: ({ terms, P, A, sigma }) => terms.hide(P, without(sigma, A)),
    },
    {
      name: '|\\-twice',
      equation: '(P |\\ A) |\\ B = P |\\ (A n B)',
      models: ALL_MODELS,
      left: ({ terms, P, A, B }) => terms.project(terms.project(P, A), B),
      right: ({ terms, P, A, B }) =>
        terms.project(
          P,
          A.filter((event) => contains(B, event)),
        ),
    },
  ],
};
