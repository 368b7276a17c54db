/**
 * Priority by a partial order `prioritisepo(P, E, O, M)`: an event waits while P can perform one above it.
 *
 *     P -a-> P'   no P -b-> with b above a
 *   --------------------------------------------------
 *   prioritisepo(P, …) -a-> prioritisepo(P', …)
 *
 * O holds the pairs (above, below); tau and tick are above all events of E that are not in M, the maximal ones. An event outside E neither waits nor makes
 * wait. What is said of `prioritise` about equivalence holds here too. Roscoe, The Expressiveness of CSP with Priority, section 2.
 */
import { eventSet, TAU, TICK } from '../events.ts';
import { ALL_MODELS, type Instance } from '../law.ts';
import type { PartialPriority, Process } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

/** Tau, tick and all of A above all of B. */
function twoLevels({ terms, A, B }: Instance, process: Process): Process {
  const lower = B.filter((event) => !A.includes(event));
  return terms.partialPriority(
    process,
    lower.flatMap((low) => [TAU, TICK, ...A].map((high) => [high, low] as const)),
  );
}

export const partialPriority: Operator<PartialPriority> = {
  kind: 'partialPriority',
  notation: 'prioritisepo(P, Events, {(a, b)}, A)',
  precedence: Precedence.atom,
  rules: ["P -a-> P', no P -b-> with b above a => prioritisepo(P, …) -a-> prioritisepo(P', …)"],
  running: ({ process }) => [process],
  *fire({ process, above }, step, terms) {
    const transitions = step(process);
    const possible = new Set(transitions.map(({ event }) => event));
    const blocked = new Set(above.flatMap(([high, low]) => (possible.has(high) ? [low] : [])));
    for (const { event, target } of transitions) {
      if (!blocked.has(event)) yield { event, target: event === TICK ? target : terms.partialPriority(target, above) };
    }
  },
  show({ process, above }, printer) {
    const visible = above.filter(([high]) => high !== TAU && high !== TICK);
    const waiting = new Set(above.flatMap(([high, low]) => (high === TAU ? [low] : [])));
    const all = eventSet(above.flat().filter((event) => event !== TAU && event !== TICK));
    const maximal = all.filter((event) => !waiting.has(event));
    const pairs = visible.map(([high, low]) => `(${printer.event(high)}, ${printer.event(low)})`).join(', ');
    return `prioritisepo(${printer.process(process, 0)}, ${printer.events(all)}, {${pairs}}, ${printer.events(maximal)})`;
  },
  laws: [
    {
      name: 'prioritisepo-nothing',
      equation: 'prioritisepo(P, {}, {}, {}) = P',
      models: ALL_MODELS,
      left: ({ terms, P }) => terms.partialPriority(P, []),
      right: ({ P }) => P,
    },
    {
      name: 'prioritisepo-levels',
      equation: 'prioritisepo(P, A ∪ B, A × (B - A), A) = prioritise(P, <A, B>)',
      models: ALL_MODELS,
      left: (i) => twoLevels(i, i.P),
      right: ({ terms, A, B, P }) => terms.prioritize(P, [A, B]),
    },
    {
      name: 'prioritisepo-idempotence',
      equation: 'prioritisepo(prioritisepo(P, A ∪ B, A × (B - A), A), …) = prioritisepo(P, …)',
      models: ALL_MODELS,
      left: (i) => twoLevels(i, twoLevels(i, i.P)),
      right: (i) => twoLevels(i, i.P),
    },
    {
      name: 'prioritisepo-step',
      equation: 'prioritisepo(a -> P [] b -> Q, {a, b}, {(a, b)}, {a}) = a -> prioritisepo(P, …)',
      models: ALL_MODELS,
      left: ({ terms, a, b, P, Q }) =>
        terms.partialPriority(terms.externalChoice([terms.prefix(a, P), terms.prefix(b, Q)]), [[a, b]]),
      right: ({ terms, a, b, P }) => terms.prefix(a, terms.partialPriority(P, [[a, b]])),
    },
  ],
};
