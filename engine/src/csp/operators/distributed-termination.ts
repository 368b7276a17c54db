/**
 * How a parallel composition terminates: when all its components have.
 *
 *      Pi -tick-> P'
 *   ---------------------------------     ----------------------
 *   ..|| Pi ||.. -tau-> ..|| Ω ||..       Ω || ... || Ω -tick-> Ω
 *
 * A component's own tick is nobody's business but its neighbors', so outside it is a tau.
 * Roscoe, The Theory and Practice of Concurrency, section 7.2.
 */
import { TAU, TICK } from '../events.ts';
import type { Process, Transition } from '../process.ts';
import type { Terms } from '../terms.ts';
import type { Step } from './operator.ts';

/** The taus of a parallel composition (the components' own, and their ticks) and its joint tick. `rebuild` replaces component i. */
export function* withoutAgreement(
  components: readonly Process[],
  step: Step,
  terms: Terms,
  rebuild: (index: number, target: Process) => Process,
): Iterable<Transition> {
  if (components.every((component) => component.kind === 'omega')) yield { event: TICK, target: terms.omega };
  for (const [i, component] of components.entries()) {
    for (const { event, target } of step(component)) {
      if (event === TAU || event === TICK) yield { event: TAU, target: rebuild(i, target) };
    }
  }
}
