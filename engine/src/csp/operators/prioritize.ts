/**
 * Priority `prioritise(P, <A0, A1, ...>)`: an event of a set waits while P can perform one of an earlier set. Tau and tick are of level 0.
 *
 *     P -a-> P'   no P -b-> with level(b) < level(a)
 *   --------------------------------------------------
 *   prioritise(P, As) -a-> prioritise(P', As)
 *
 * An event in none of the sets neither waits nor makes wait. Priority looks at what P could have done, so it is not compositional in any of the three models:
 * it must see the transitions of P itself, not of something equivalent. Roscoe, Understanding Concurrent Systems, section 20.2.
 */
import { contains, type EventId, TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Prioritize } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

export const prioritize: Operator<Prioritize> = {
  kind: 'prioritize',
  notation: 'prioritise(P, <A, B>)',
  precedence: Precedence.atom,
  rules: ["P -a-> P', no P -b-> with level(b) < level(a) => prioritise(P, As) -a-> prioritise(P', As)"],
  running: ({ process }) => [process],
  *fire({ process, order }, step, terms) {
    const level = (event: EventId): number | undefined => {
      if (event === TAU || event === TICK) return 0;
      const found = order.findIndex((events) => contains(events, event));
      return found < 0 ? undefined : found;
    };
    const transitions = step(process);
    const highest = Math.min(...transitions.map(({ event }) => level(event) ?? Number.POSITIVE_INFINITY));
    for (const { event, target } of transitions) {
      if ((level(event) ?? highest) > highest) continue;
      yield { event, target: event === TICK ? target : terms.prioritize(target, order) };
    }
  },
  show: ({ process, order }, printer) =>
    `prioritise(${printer.process(process, 0)}, <${order.map((events) => printer.events(events)).join(', ')}>)`,
  laws: [
    {
      name: 'prioritise-nothing',
      equation: 'prioritise(P, <>) = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.prioritize(P, []),
      right: ({ P }) => P,
    },
    {
      name: 'prioritise-idempotence',
      equation: 'prioritise(prioritise(P, <A, B>), <A, B>) = prioritise(P, <A, B>)',
      models: ALL_MODELS,
      left: ({ terms, P, A, B }) => terms.prioritize(terms.prioritize(P, [A, B]), [A, B]),
      right: ({ terms, P, A, B }) => terms.prioritize(P, [A, B]),
    },
  ],
};
