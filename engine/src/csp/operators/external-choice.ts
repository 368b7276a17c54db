/**
 * External choice `P [] Q`: the environment decides.
 *
 *     P -a-> P'                             P -tau-> P'
 *   --------------  (a is not tau)     -----------------------
 *   P [] Q -a-> P'                     P [] Q -tau-> P' [] Q
 *
 * and the same for Q. A tau leaves the choice open; resolving it there would give internal choice.
 * Roscoe, Understanding Concurrent Systems, chapter 9.
 */
import { TAU } from '../events.ts';
import type { ExternalChoice } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const externalChoice: Operator<ExternalChoice> = {
  kind: 'externalChoice',
  notation: 'P [] Q',
  precedence: Precedence.externalChoice,
  rules: ["P -a-> P', a not tau => P [] Q -a-> P'", "P -tau-> P' => P [] Q -tau-> P' [] Q", 'and the same for Q'],
  laws: [],
  running: ({ branches }) => branches,
  *fire({ branches }, step, terms) {
    for (const [i, branch] of branches.entries()) {
      for (const { event, target } of step(branch)) {
        yield { event, target: event === TAU ? terms.externalChoice(branches.with(i, target)) : target };
      }
    }
  },
  show: ({ branches }, printer) =>
    branches.map((branch) => printer.process(branch, Precedence.externalChoice + 1)).join(' [] '),
};
