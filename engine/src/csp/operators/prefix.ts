/**
 * Prefix `a -> P` and prefix choice `?x:A -> P(x)`: the first event is the environment's choice.
 *
 *   ---------------------------  (a in A)
 *   (?x:A -> P(x)) -a-> P(a)
 *
 * Two branches on one event leave the choice between them to the process.
 */
import type { Prefix } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const prefix: Operator<Prefix> = {
  kind: 'prefix',
  notation: 'a -> P',
  precedence: Precedence.prefix,
  rules: ['a in A => (?x:A -> P(x)) -a-> P(a)'],
  laws: [],
  running: () => [],
  fire: (process) => process.branches.map(({ event, next }) => ({ event, target: next })),
  show(process, printer) {
    const branches = process.branches.map(
      ({ event, next }) => `${printer.event(event)} -> ${printer.process(next, Precedence.prefix)}`,
    );
    return branches.length === 1 ? branches[0]! : `(${branches.join(' [] ')})`;
  },
};
