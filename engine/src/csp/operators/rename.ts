/**
 * Renaming `P[[R]]` by a relation R on events.
 *
 *     P -a-> P'                       P -tau-> P'
 *   ------------------  (a R b)    ----------------------
 *   P[[R]] -b-> P'[[R]]            P[[R]] -tau-> P'[[R]]
 *
 * An event that R does not mention keeps its name. One event with several images offers them all; several with one image become indistinguishable,
 * which may introduce nondeterminism. Tick is never renamed.
 */
import { TAU, TICK } from '../events.ts';
import type { Rename } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const rename: Operator<Rename> = {
  kind: 'rename',
  notation: 'P[[a <- b]]',
  precedence: Precedence.rename,
  rules: [
    "P -a-> P', a R b => P[[R]] -b-> P'[[R]]",
    "P -tau-> P' => P[[R]] -tau-> P'[[R]]",
    'P -tick-> => P[[R]] -tick-> Ω',
  ],
  laws: [],
  running: ({ process }) => [process],
  *fire({ process, relation }, step, terms) {
    for (const { event, target } of step(process)) {
      if (event === TICK) {
        yield { event, target };
        continue;
      }
      const renamed = terms.rename(target, relation);
      const images = event === TAU ? [] : relation.filter(([from]) => from === event);
      if (images.length === 0) yield { event, target: renamed };
      for (const [, to] of images) yield { event: to, target: renamed };
    }
  },
  show({ process, relation }, printer) {
    const pairs = relation.map(([from, to]) => `${printer.event(from)} <- ${printer.event(to)}`);
    return `${printer.process(process, Precedence.rename)}[[${pairs.join(', ')}]]`;
  },
};
