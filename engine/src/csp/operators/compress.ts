/**
 * Compressions `sbisim(P)`, `normal(P)`, ...: a hint to the checker. The meaning is P's.
 *
 *      P -a-> P'
 *   -----------------
 *   sbisim(P) -a-> P'
 */
import { ALL_MODELS } from '../law.ts';
import type { Compress } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const compress: Operator<Compress> = {
  kind: 'compress',
  notation: 'sbisim(P)',
  precedence: Precedence.atom,
  rules: ["P -a-> P' => sbisim(P) -a-> P'"],
  running: ({ process }) => [process],
  fire: ({ process }, step) => step(process),
  show: ({ process, by }, printer) => `${by}(${printer.process(process, 0)})`,
  laws: [
    {
      name: 'sbisim-identity',
      equation: 'sbisim(P) = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.compress(P, 'sbisim'),
      right: ({ P }) => P,
    },
  ],
};
