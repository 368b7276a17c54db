/**
 * Terms known to be strongly bisimilar, since a component was reduced in which both are states.
 *
 * A component tells a state by one term of its block. Whoever looks for the terms of a run that was told so has to know which terms go by which name; nothing
 * else may rest on it.
 */
import type { Process, Terms } from '../csp/index.ts';

const knownOf = new WeakMap<Terms, Map<Process, Process>>();

/** The term that stands for `process` where states are told in words: itself, as long as nothing else is known. */
export function representativeOf(terms: Terms, process: Process): Process {
  return knownOf.get(terms)?.get(process) ?? process;
}

/** Makes one of the bisimilar `processes` stand for all of them, unless they are represented already; returns it. */
export function represent(terms: Terms, processes: readonly Process[]): Process {
  let known = knownOf.get(terms);
  if (known === undefined) knownOf.set(terms, (known = new Map()));
  const representative = known.get(processes[0]!) ?? processes[0]!;
  for (const process of processes) if (!known.has(process)) known.set(process, representative);
  return representative;
}
