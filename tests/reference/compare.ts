/** The fast engine beside the reference: the same questions, answered twice. */
import { Alphabet, type Process, Terms, UnboundedNesting } from '@enhanced-csp/engine/csp';
import { type CompileOptions, compile, type Lts } from '@enhanced-csp/engine/lts';
import {
  type Claim,
  deadlockFree,
  deterministic,
  divergenceFree,
  refines,
  replay,
  type Verdict,
} from '@enhanced-csp/engine/refine';
import { type Behavior, behaviorOf } from './behavior.ts';
import { fineRefutations } from './fine-refinement.ts';
import { explore, type Graph, TooLarge } from './graph.ts';
import { FINE_MODELS } from './observations.ts';
import { deadlock, divergence, nondeterminism } from './properties.ts';
import type { Pair } from './random-pair.ts';
import { build, EVENT_NAMES } from './recipe.ts';
import { type Refutation, refutations } from './refinement.ts';

export interface Comparison {
  /** In words, one a check on which the engines differ. */
  readonly differences: readonly string[];
  /** Checks that both engines answered: how many hold, how many fail. Both zero when the pair was too large. */
  readonly holds: number;
  readonly fails: number;
  readonly states: number;
}

export interface Options {
  /** Pairs with a larger process are left out. */
  readonly stateCountMax?: number;
  /** What the fast engine reads: a broken one in the test of this very comparison. */
  readonly compiler?: (terms: Terms, process: Process, options?: CompileOptions) => Lts;
  /** Refinement in V, VD, R and RD is compared for pairs of processes with at most so many states each: the reference tries every refusal set. */
  readonly fineStateCountMax?: number;
}

/** The largest process here is small enough to be one component: so every network in it is made one, as in large ones. */
const split = (terms: Terms, process: Process, options: CompileOptions = {}): Lts =>
  compile(terms, process, { ...options, wholeStateMax: 0 });

const NOTHING: Comparison = { differences: [], holds: 0, fails: 0, states: 0 };

/**
 * Asks both engines about a pair: refinement in the seven models, in T, F and FD with and without an antichain, then deadlock, divergence and determinism of the implementation. The verdicts must be equal;
 * a counterexample must be as short as the reference's and must replay.
 */
export function compare(
  pair: Pair,
  { stateCountMax = 400, compiler = split, fineStateCountMax = 30 }: Options = {},
): Comparison {
  const terms = new Terms(new Alphabet());
  const specification = build(terms, pair.specification);
  const implementation = build(terms, pair.implementation);
  let spec: Behavior;
  let impl: Behavior;
  let states: number;
  let graphs: readonly [Graph, Graph];
  try {
    graphs = [explore(terms, specification, stateCountMax), explore(terms, implementation, stateCountMax)];
    states = graphs[0].edges.size + graphs[1].edges.size;
    spec = behaviorOf(graphs[0]);
    impl = behaviorOf(graphs[1]);
  } catch (fault) {
    if (fault instanceof TooLarge || fault instanceof UnboundedNesting) return NOTHING;
    throw fault;
  }

  const differences: string[] = [];
  let holds = 0;
  let fails = 0;
  const put = (claim: Claim, verdict: Verdict, expected: readonly Refutation[]) => {
    if (expected.length === 0) holds++;
    else fails++;
    const difference = differenceOf(terms, claim, verdict, expected);
    if (difference !== undefined) differences.push(`${claim.check} [${claim.model}]: ${difference}`);
  };
  const [fastSpec, fastImpl] = [compiler(terms, specification), compiler(terms, implementation)];
  for (const model of ['T', 'F', 'FD'] as const) {
    const claim: Claim = { check: 'refinement', model, specification, implementation };
    const expected = refutations(model, spec, impl);
    for (const pruning of ['never', 'always'] as const)
      put(claim, refines(model, fastSpec, fastImpl, { pruning }), expected);
  }
  if (graphs.every(({ edges }) => edges.size <= fineStateCountMax)) {
    const sigma = EVENT_NAMES.flatMap((name) => terms.alphabet.find(name) ?? []);
    const [fineSpec, fineImpl] = [
      compiler(terms, specification, { fine: true }),
      compiler(terms, implementation, { fine: true }),
    ];
    for (const model of FINE_MODELS) {
      put(
        { check: 'refinement', model, specification, implementation },
        refines(model, fineSpec, fineImpl),
        fineRefutations(model, ...graphs, sigma),
      );
    }
  }
  const process = implementation;
  for (const model of ['F', 'FD'] as const) {
    put({ check: 'deadlock free', model, process }, deadlockFree(model, fastImpl), deadlock(model, impl));
    put({ check: 'deterministic', model, process }, deterministic(model, fastImpl), nondeterminism(model, impl));
  }
  put({ check: 'divergence free', model: 'FD', process }, divergenceFree(fastImpl), divergence(impl));
  return { differences, holds, fails, states };
}

function differenceOf(
  terms: Terms,
  claim: Claim,
  verdict: Verdict,
  expected: readonly Refutation[],
): string | undefined {
  if (verdict.kind === 'unknown') return `unknown, out of ${verdict.spent}`;
  if (verdict.kind === 'holds') {
    return expected.length === 0 ? undefined : `holds, but the reference refutes it by ${inWords(expected)}`;
  }
  const { kind, trace } = verdict.counterexample;
  if (expected.length === 0) return `fails by a ${kind} after ${trace.length} events, but the reference proves it`;
  const shortest = Math.min(...expected.map((refutation) => refutation.trace.length));
  if (trace.length !== shortest) return `a ${kind} after ${trace.length} events, but there is ${inWords(expected)}`;
  if (!expected.some((refutation) => refutation.kind === kind && refutation.trace.length === shortest)) {
    return `a ${kind} after ${trace.length} events, but the reference knows only ${inWords(expected)}`;
  }
  return replay(terms, claim, verdict.counterexample) ? undefined : `the ${kind} does not replay`;
}

function inWords(refutations: readonly Refutation[]): string {
  return refutations.map(({ kind, trace }) => `a ${kind} after ${trace.length} events`).join(', ');
}
