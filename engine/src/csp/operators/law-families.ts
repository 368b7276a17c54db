/**
 * Laws that many operators share, so that each operator only says that it has them.
 *
 * Roscoe, Understanding Concurrent Systems, section 2.2 and appendix; The Theory and Practice of Concurrency, chapters 1 to 6.
 */
import { ALL_MODELS, type Instance, type Law } from '../law.ts';
import type { Process } from '../process.ts';

/** An operator with everything but its two processes fixed by the instance. */
export type Compose = (instance: Instance, left: Process, right: Process) => Process;
export type Wrap = (instance: Instance, process: Process) => Process;

export function symmetry(symbol: string, compose: Compose): Law {
  return {
    name: `${symbol}-symmetry`,
    equation: `P ${symbol} Q = Q ${symbol} P`,
    models: ALL_MODELS,
    left: (i) => compose(i, i.P, i.Q),
    right: (i) => compose(i, i.Q, i.P),
  };
}

export function associativity(symbol: string, compose: Compose): Law {
  return {
    name: `${symbol}-associativity`,
    equation: `(P ${symbol} Q) ${symbol} R = P ${symbol} (Q ${symbol} R)`,
    models: ALL_MODELS,
    left: (i) => compose(i, compose(i, i.P, i.Q), i.R),
    right: (i) => compose(i, i.P, compose(i, i.Q, i.R)),
  };
}

export function idempotence(symbol: string, compose: Compose): Law {
  return {
    name: `${symbol}-idempotence`,
    equation: `P ${symbol} P = P`,
    models: ALL_MODELS,
    left: (i) => compose(i, i.P, i.P),
    right: (i) => i.P,
  };
}

/** Internal choice is a union of behaviors, and almost every operator works behavior by behavior. */
export function distributivity(symbol: string, compose: Compose): readonly Law[] {
  return [
    {
      name: `${symbol}-left-distributivity`,
      equation: `(P |~| Q) ${symbol} R = (P ${symbol} R) |~| (Q ${symbol} R)`,
      models: ALL_MODELS,
      left: (i) => compose(i, i.terms.internalChoice([i.P, i.Q]), i.R),
      right: (i) => i.terms.internalChoice([compose(i, i.P, i.R), compose(i, i.Q, i.R)]),
    },
    {
      name: `${symbol}-right-distributivity`,
      equation: `P ${symbol} (Q |~| R) = (P ${symbol} Q) |~| (P ${symbol} R)`,
      models: ALL_MODELS,
      left: (i) => compose(i, i.P, i.terms.internalChoice([i.Q, i.R])),
      right: (i) => i.terms.internalChoice([compose(i, i.P, i.Q), compose(i, i.P, i.R)]),
    },
  ];
}

export function unaryDistributivity(symbol: string, notation: (argument: string) => string, wrap: Wrap): Law {
  return {
    name: `${symbol}-distributivity`,
    equation: `${notation('(P |~| Q)')} = ${notation('P')} |~| ${notation('Q')}`,
    models: ALL_MODELS,
    left: (i) => wrap(i, i.terms.internalChoice([i.P, i.Q])),
    right: (i) => i.terms.internalChoice([wrap(i, i.P), wrap(i, i.Q)]),
  };
}

/** Divergence cannot be recovered from, says FD; the models that do not look at it see what else the operator offers. */
export function zeroOfDivergence(symbol: string, compose: Compose): Law {
  return {
    name: `${symbol}-zero`,
    equation: `P ${symbol} DIV = DIV`,
    models: ['FD'],
    failsIn: ['T', 'F'],
    left: (i) => compose(i, i.P, i.terms.div),
    right: (i) => i.terms.div,
  };
}
