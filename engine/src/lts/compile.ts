/**
 * From a process to the transition system that is explored: a static network where there is one, else the terms themselves.
 */
import { type Process, TAU, type Terms } from '../csp/index.ts';
import { type Component, explicate, withTermination } from './component.ts';
import { compressed, keepsEveryModel, keepsRuns } from './compress/compressed.ts';
import { CompressedLts } from './compressed-lts.ts';
import { coarseCompressions, keepsAllRuns } from './compressions-asked.ts';
import { switching } from './formats/index.ts';
import { type Fusible, fuseIfLarge } from './fusion.ts';
import { HierarchicalLts } from './hierarchical-lts.ts';
import { wholeLeafOf } from './leaf.ts';
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

export interface CompileOptions extends Limits {
  /** Whether the compressions that the script asks for are applied; they are, unless this is false. */
  readonly compress?: boolean;
  /** Whether what comes after a refusal counts, as in V and R: then only compressions that keep every model are applied, and no network is compressed as it is built. */
  readonly fine?: boolean;
  /** Components from which on a network is compressed as it is built when it is checked; `Infinity` for never. */
  readonly hierarchyMin?: number;
  /** States from which on a network of one word is explored by the WebAssembly kernel, where its rules are simple; `Infinity` for never, with the same result. */
  readonly kernelFrom?: number;
  /** States up to which a process is one component although it starts and stops networks. */
  readonly wholeStateMax?: number;
}

/** Networks of fewer components are mostly explored before compressing them pays; where something is hidden, it pays earlier, if there is much to explore. */
const HIERARCHY_MIN = 24;
const HIERARCHY_WITH_TAUS_MIN = 10;
const STATES_WITH_TAUS_MIN = 2 ** 16;

/**
 * The transition system of `process`, made to be explored fast. Strongly bisimilar to `termLts(terms, process)`, and smaller where components are;
 * where the script asks for stronger compressions, equal in T, F and FD (with `fine`, in every model), and what is without them is its `uncompressed`.
 *
 * Parallel compositions, hidings and renamings around at least two components are evaluated once to rules; the components are explored to explicit graphs,
 * reduced, and their states packed. What does not fit (a single component, one that is endless or cannot be evaluated by itself) is explored as terms.
 * Throws `LimitReached` when `limits.stopped` says so meanwhile; whatever evaluating the script throws is left to the exploration.
 *
 * @example
 * const lts = compile(terms, system);
 * deadlockFree('F', lts);
 */
export function compile(terms: Terms, process: Process, options: CompileOptions = {}): Lts {
  const made =
    unlessUnfit(() => overPriority(terms, process, options) ?? overFormats(terms, process, options)) ??
    unlessUnfit(() => overNetwork(terms, process, options));
  if (made !== undefined) return made;
  if (options.compress === false || !isCompressed(process)) return termLts(terms, process, options);
  return compile(terms, process, { ...options, compress: false });
}

function isCompressed(process: Process): boolean {
  return unlessUnfit(() => networkOf(process, true).processes.some(({ kind }) => kind === 'compress')) === true;
}

/** Undefined where there is no network of components that are small enough. */
function unlessUnfit<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (fault) {
    if (fault instanceof NotCompilable || (fault instanceof LimitReached && fault.spent === 'states')) return undefined;
    throw fault;
  }
}

/**
 * Priority is not a rule: what it allows depends on what else is possible. So `prioritise`, and what is unary around it, become views on the
 * transition system of the argument, without compressions: priority sees what they change.
 */
function overPriority(terms: Terms, process: Process, options: CompileOptions): Lts | undefined {
  const around: Unary[] = [];
  const calls = new Set<Process>();
  for (let part = process; ; ) {
    if (part.kind === 'prioritize') {
      const inner = new PrioritizedLts(compile(terms, part.process, { ...options, compress: false }), part.order);
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

/** Where a sequential process is large by the networks in it. */
function overFormats(terms: Terms, process: Process, options: CompileOptions): Lts | undefined {
  const { processes } = networkOf(process, options.compress !== false);
  if (processes.some(({ kind }) => kind === 'compress')) return undefined;
  const made = switching(terms, process, [...new Set(processes)], options);
  return made && sideBySide(terms, made, options);
}

function overNetwork(terms: Terms, process: Process, options: CompileOptions): Lts | undefined {
  const network = networkOf(process, options.compress !== false);
  const asked = network.processes.flatMap((part) => (part.kind === 'compress' ? [part.by] : []));
  if (network.processes.length < 2 && asked.length === 0) return undefined;
  const made = network.rules(explored(terms, network.processes, options));
  const changed = options.compress !== false && !keepsAllRuns(process);
  const plain = () => compile(terms, process, { ...options, compress: false });
  const hides = made.rules.some(({ result }) => result === TAU);
  const states = made.components.reduce((product, { graph }) => product * graph.stateCount, 1);
  const withTaus = states >= STATES_WITH_TAUS_MIN ? 2 : HIERARCHY_WITH_TAUS_MIN;
  const least = options.hierarchyMin ?? (hides ? withTaus : HIERARCHY_MIN);
  if (options.fine !== true && asked.every(keepsRuns) && made.components.length >= least) {
    const parts = { alphabet: terms.alphabet, ...made };
    return new HierarchicalLts(parts, () => sideBySide(terms, made, options), changed ? plain : undefined);
  }
  if (!changed) return sideBySide(terms, made, options);
  const keepsEveryModel = options.fine === true || coarseCompressions(process).length === 0;
  return new CompressedLts(sideBySide(terms, made, options), plain, keepsEveryModel);
}

function sideBySide(terms: Terms, network: Fusible, { kernelFrom }: CompileOptions): Lts {
  const { components, rules } = fuseIfLarge(network);
  const program = programOf(components, rules);
  return program.wordCount <= 2
    ? new NarrowLts(terms.alphabet, program, kernelFrom)
    : new WideLts(terms.alphabet, program);
}

/** The components, explored; equal processes once. */
function explored(terms: Terms, processes: readonly Process[], options: CompileOptions): readonly Component[] {
  const stateCountMax = Math.min(options.stateCountMax ?? COMPONENT_STATE_MAX, COMPONENT_STATE_MAX);
  const known = new Map<Process, Component>();
  for (const process of new Set(processes)) {
    const within = { ...options, stateCountMax };
    if (process.kind === 'compress') {
      const component = explicate(asComponent(compile(terms, process.process, options)), within);
      const applied = options.fine !== true || keepsEveryModel(process.by);
      known.set(process, withTermination(applied ? compressed(component, process.by, terms.alphabet) : component));
    } else known.set(process, withTermination(wholeLeafOf(terms, process, within).component));
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
        if (cause instanceof LimitReached) throw cause;
        throw new NotCompilable(`${lts.describe(state)} cannot be evaluated`, { cause });
      }
    },
    describe: (state) => lts.describe(state),
  };
}
