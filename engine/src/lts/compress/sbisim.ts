/** `sbisim`: the quotient by strong bisimulation. Sound in every model and every context. */
import { bisimulation } from '../bisimulation.ts';
import { type Labelled, quotient, type Reduced } from './reduction.ts';

export function sbisim(source: Labelled): Reduced {
  return quotient(source, bisimulation(source.graph, source.labels));
}
