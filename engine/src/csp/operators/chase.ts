/**
 * `chase(P)`: where P has taus it takes the first and forgets every alternative.
 *
 *     P -tau-> P', the first            P -a-> P'   no P -tau->
 *   ---------------------------       ---------------------------
 *   chase(P) -tau-> chase(P')           chase(P) -a-> chase(P')
 *
 * It changes the meaning unless P's taus commute with all the rest, so it is applied only when the script asks for it.
 * Roscoe, Understanding Concurrent Systems, section 16.6.
 */
import { TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Chase } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const chase: Operator<Chase> = {
  kind: 'chase',
  notation: 'chase(P)',
  precedence: Precedence.atom,
  rules: ["P -tau-> P', the first => chase(P) -tau-> chase(P')", "P -a-> P', no P -tau-> => chase(P) -a-> chase(P')"],
  running: ({ process }) => [process],
  *fire({ process }, step, terms) {
    const tau = step(process).find(({ event }) => event === TAU);
    for (const { event, target } of tau === undefined ? step(process) : [tau]) {
      yield { event, target: event === TICK ? target : terms.chase(target) };
    }
  },
  show: ({ process }, printer) => `chase(${printer.process(process, 0)})`,
  laws: [
    {
      name: 'chase-idempotence',
      equation: 'chase(chase(P)) = chase(P)',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.chase(terms.chase(P)),
      right: ({ terms, P }) => terms.chase(P),
    },
    {
      name: 'chase-step',
      equation: 'chase(a -> P) = a -> chase(P)',
      models: ALL_MODELS,
      left: ({ terms, a, P }) => terms.chase(terms.prefix(a, P)),
      right: ({ terms, a, P }) => terms.prefix(a, terms.chase(P)),
    },
    {
      name: 'chase-changes',
      equation: 'chase(P) = P',
      models: [],
      failsIn: ['T', 'F', 'FD'],
      left: ({ terms, P }) => terms.chase(P),
      right: ({ P }) => P,
    },
  ],
};
