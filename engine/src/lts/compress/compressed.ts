/** The compressions that a script can ask for, by name. */
import type { Alphabet, Compression } from '../../csp/index.ts';
import { type Component, componentOf } from '../component.ts';
import { diamond } from './diamond.ts';
import { normal } from './normal.ts';
import { andThen, type Reduction } from './reduction.ts';
import { sbisim } from './sbisim.ts';
import { tauLoopFactor } from './tau-loop-factor.ts';
import { dbisim, wbisim } from './weak.ts';

/**
 * `component`, compressed: equal in T, F and FD, usually with fewer states. What is left is free of strongly bisimilar states, whatever was asked for.
 * `sbisim`, `explicate` and `lazyenumerate` ask for nothing that exploring a component has not done already.
 */
export function compressed(component: Component, by: Compression, alphabet: Alphabet): Component {
  const { graph, omega, describe } = component;
  const labels = new Int32Array(graph.stateCount);
  if (omega !== undefined) labels[omega] = 1;
  return componentOf(andThen(reductionOf(by, alphabet), sbisim)({ graph, labels }), describe);
}

/** Whether the compressed process has the same runs, taus included, as the process itself. */
export function keepsRuns(by: Compression): boolean {
  return by === 'sbisim' || by === 'explicate' || by === 'lazyenumerate';
}

/**
 * Whether a compression keeps what can be seen after a refusal too, as V and R need it. Bisimulations do, weak ones as long as they keep stability and divergence;
 * so does merging states that can become each other unseen. `diamond` drops stable states that refuse less than others, and `normal` all but the least acceptances:
 * what such a state would have done next is lost. `model_compress` is `diamond` here.
 */
export function keepsEveryModel(by: Compression): boolean {
  return KEEPS_EVERY_MODEL[by];
}

const KEEPS_EVERY_MODEL: Readonly<Record<Compression, boolean>> = {
  explicate: true,
  lazyenumerate: true,
  sbisim: true,
  dbisim: true,
  wbisim: true,
  tau_loop_factor: true,
  diamond: false,
  normal: false,
  model_compress: false,
};

function reductionOf(by: Compression, alphabet: Alphabet): Reduction {
  switch (by) {
    case 'explicate':
    case 'lazyenumerate':
    case 'sbisim':
      return sbisim;
    case 'tau_loop_factor':
      return tauLoopFactor;
    case 'diamond':
    case 'model_compress':
      return diamond;
    case 'normal':
      return (source) => normal(source, alphabet);
    case 'dbisim':
      return dbisim;
    case 'wbisim':
      return wbisim;
  }
}
