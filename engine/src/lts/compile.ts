/**
 * From a process to the transition system that is explored: a static network where there is one, else the terms themselves.
 */
import type { Process, Terms } from '../csp/index.ts';
import { type Component, explicate, withTermination } from './component.ts';
import { fuseIfLarge } from './fusion.ts';
import { LimitReached, type Limits, type Lts } from './lts.ts';
import { NarrowLts } from './narrow-lts.ts';
import { imagesOf, NESTING_MAX, NotCompilable, networkOf, type Unary, unfolded } from './network.ts';
import { PrioritizedLts } from './prioritized-lts.ts';
import { programOf } from './program.ts';
import { RelabelledLts } from './relabelled-lts.ts';
import { termLts } from './term-lts.ts';
import { WideLts } from './wide-lts.ts';

/** A component with more states than this is not explored ahead: it may be endless by itself, and small in its context. */
const COMPONENT_STATE_MAX = 100_000;

/**
 * The transition system of `process`, made to be explored fast. Strongly bisimilar to `termLts(terms, process)`, and smaller where components are.
 *
 * Parallel compositions, hidings and renamings around at least two components are evaluated once to rules; the components are explored to explicit graphs,
 * reduced, and their states packed. What does not fit (a single component, one that is endless or cannot be evaluated by itself) is explored as terms.
 * Throws `LimitReached` when `limits.stopped` says so meanwhile; whatever evaluating the script throws is left to the exploration.
 *
 * @example
 * const lts = compile(terms, system);
 * deadlockFree('F', lts);
 */
export function compile(terms: Terms, process: Process, limits: Limits = {}): Lts {
  try {
    return overPriority(terms, process, limits) ?? overNetwork(terms, process, limits) ?? termLts(terms, process);
  } catch (fault) {
    const fits = fault instanceof NotCompilable || (fault instanceof LimitReached && fault.spent === 'states');
    if (!fits) throw fault;
    return termLts(terms, process);
  }
}

/**
 * Priority is not a rule: what it allows depends on what else is possible. So `prioritise`, and what is unary around it, become views on the
 * transition system of the argument.
 */
function overPriority(terms: Terms, process: Process, limits: Limits): Lts | undefined {
  const around: Unary[] = [];
  const calls = new Set<Process>();
  for (let part = process; ; ) {
    if (part.kind === 'prioritize') {
      const inner = new PrioritizedLts(compile(terms, part.process, limits), part.order);
      return around.reduceRight<Lts>((lts, unary) => new RelabelledLts(lts, imagesOf(unary)), inner);
    }
    if (part.kind === 'call') {
      if (calls.has(part) || calls.size > NESTING_MAX) return undefined;
      calls.add(part);
      part = unfolded(part);
    } else if (part.kind === 'compress') part = part.process;
    else if (part.kind === 'hide' || part.kind === 'project' || part.kind === 'rename') {
      around.push(part);
      part = part.process;
    } else return undefined;
  }
}

function overNetwork(terms: Terms, process: Process, limits: Limits): Lts | undefined {
  const network = networkOf(process);
  if (network.processes.length < 2) return undefined;
  const { components, rules } = fuseIfLarge(network.rules(explored(terms, network.processes, limits)));
  const program = programOf(components, rules);
  return program.wordCount <= 2 ? new NarrowLts(terms.alphabet, program) : new WideLts(terms.alphabet, program);
}

/** The components, explored; equal processes once. */
function explored(terms: Terms, processes: readonly Process[], limits: Limits): readonly Component[] {
  const stateCountMax = Math.min(limits.stateCountMax ?? COMPONENT_STATE_MAX, COMPONENT_STATE_MAX);
  const known = new Map<Process, Component>();
  for (const process of new Set(processes)) {
    known.set(process, withTermination(explicate(asComponent(termLts(terms, process)), { ...limits, stateCountMax })));
  }
  return processes.map((process) => known.get(process)!);
}

/** Evaluation may go wrong in a state of a component that its context never lets it reach: then it is not explored ahead. */
function asComponent(lts: Lts): Lts {
  return {
    alphabet: lts.alphabet,
    initial: lts.initial,
    get stateCount() {
      return lts.stateCount;
    },
    successors(state, into) {
      try {
        lts.successors(state, into);
      } catch (cause) {
        throw new NotCompilable(`${lts.describe(state)} cannot be evaluated`, { cause });
      }
    },
    describe: (state) => lts.describe(state),
  };
}
