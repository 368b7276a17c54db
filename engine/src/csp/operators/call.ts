/**
 * A call of a named process: transparent, its steps are its body's.
 *
 *   body -a-> P'
 *   -------------  (N = body)
 *     N -a-> P'
 *
 * When a call is needed to know its own first step (`P = P [] Q`), the rules above have no least solution that the models accept:
 * there the call fires a tau to itself, which makes the recursion diverge, as its least fixed point does. See `transitions.ts`.
 */
import type { Call } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const call: Operator<Call> = {
  kind: 'call',
  notation: 'N',
  precedence: Precedence.atom,
  rules: ["N = P, P -a-> P' => N -a-> P'"],
  laws: [],
  running: (process) => [process.unfold()],
  fire: (process, step) => step(process.unfold()),
  show: ({ name }) => name ?? '…',
};
