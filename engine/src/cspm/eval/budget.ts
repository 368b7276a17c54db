/**
 * Bounds on evaluation. A script is a program: it may recurse forever, so each demand from outside (a value, the body of a process) has a budget.
 */
import { LimitReached, type Span } from '../../csp/index.ts';
import { EvaluationFault } from '../assertion.ts';
import { fault } from './codes.ts';

export interface EvaluationLimits {
  /** Function calls in one demand, and what takes as long: a new value or element counts as several. */
  readonly stepCountMax?: number;
  /** Nested function calls that are not in tail position. */
  readonly callDepthMax?: number;
  /** Elements of one set or sequence that is written out, so also events of one channel. */
  readonly elementCountMax?: number;
}

export const DEFAULT_LIMITS: Required<EvaluationLimits> = {
  stepCountMax: 10_000_000,
  callDepthMax: 1_500,
  elementCountMax: 2 ** 20,
};

/** The time, in calls, that it takes to produce an element; to make or to read a cell of a sequence; to make a new value, besides what its length asks for. */
export const ELEMENT_CALLS = 6;
export const CELL_CALLS = 3;
const VALUE_CALLS = 16;
/** What is delayed keeps alive all that it needs. */
export const DELAYED_CALLS = 4;
const CHARACTERS_A_CALL = 4;

/** Steps between two looks at the caller's clock. */
const LOOK_INTERVAL = 100_000;

/** Enough for the arguments of a call; too few for a recursion that does not end to be noticed. */
const ATTEMPT_STEPS = 10_000;

export class Budget {
  readonly limits: Required<EvaluationLimits>;
  #steps = 0;
  #depth = 0;
  #demands = 0;
  /** Below the limit during an attempt. */
  #stepCountMax: number;
  /** Where the evaluation is, for a fault that has no better place. */
  at: Span | undefined;

  /** True while declarations are evaluated: then there is no demand that could be left undecided. */
  isDeclaring = true;
  readonly #stopped: () => boolean;
  #lookAt = LOOK_INTERVAL;

  constructor(limits: Required<EvaluationLimits>, stopped: () => boolean = () => false) {
    this.limits = limits;
    this.#stopped = stopped;
    this.#stepCountMax = limits.stepCountMax;
  }

  /** Counts a step, or as many calls as what is done here takes the time of. */
  step(span: Span, calls = 1): void {
    this.#steps += calls;
    if (this.#steps > this.#lookAt) this.#look(span);
    if (this.#steps > this.#stepCountMax) {
      throw fault(
        'steps',
        span,
        `Evaluation took more than ${this.limits.stepCountMax} steps here. Check that this recursion ends, or raise stepCountMax.`,
      );
    }
  }

  /** Whether the caller wants to stop. */
  #look(span: Span): void {
    this.#lookAt = this.#steps + LOOK_INTERVAL;
    if (!this.#stopped()) return;
    if (!this.isDeclaring) throw new LimitReached('time');
    throw fault('steps', span, 'Evaluation did not come to its end here within the time that was given.');
  }

  /** Counts a new value, known by a key of this length. */
  value(keyLength: number): void {
    const calls = VALUE_CALLS + keyLength / CHARACTERS_A_CALL;
    // Outside of a demand there is nothing to blame, and nothing that could go on for long.
    if (this.at !== undefined) this.step(this.at, calls);
  }

  /** Enters a nested call; `leave` must follow. */
  enter(span: Span): void {
    this.at = span;
    if (++this.#depth > this.limits.callDepthMax) throw tooDeep(span, this.limits.callDepthMax);
  }

  leave(): void {
    this.#depth--;
  }

  /**
   * Evaluates ahead of need: nothing when that faults or takes more than a few steps. The fault, if it is one, comes when the value is needed.
   * Steps count only when they led to a value.
   */
  attempt<T>(run: () => T): T | undefined {
    const [steps, depth, max] = [this.#steps, this.#depth, this.#stepCountMax];
    this.#stepCountMax = Math.min(max, steps + ATTEMPT_STEPS);
    try {
      return run();
    } catch (error) {
      this.#steps = steps;
      if (error instanceof EvaluationFault || isStackOverflow(error)) return undefined;
      throw error;
    } finally {
      this.#depth = depth;
      this.#stepCountMax = max;
    }
  }

  /**
   * Runs one demand from outside: the only place where an overflow of the host's stack is caught and becomes a fault.
   * Demands nest when a caller asks while being asked; only the outermost resets the budget.
   */
  demand<T>(span: Span, run: () => T): T {
    const depth = this.#depth;
    if (this.#demands === 0) {
      this.#steps = 0;
      this.#lookAt = LOOK_INTERVAL;
    }
    this.at = span;
    this.#demands++;
    try {
      return run();
    } catch (error) {
      if (error instanceof EvaluationFault) throw error;
      if (isStackOverflow(error)) throw tooDeep(this.at ?? span, this.limits.callDepthMax);
      throw error;
    } finally {
      this.#demands--;
      this.#depth = depth;
    }
  }
}

function tooDeep(span: Span, depth: number): EvaluationFault {
  return fault(
    'depth',
    span,
    `Calls are nested too deeply here (more than ${depth}). Check that this recursion ends; a call in tail position needs no depth.`,
  );
}

function isStackOverflow(error: unknown): boolean {
  // No regular expression: where the stack is full, it cannot be compiled.
  return error instanceof RangeError && error.message.includes('call stack');
}
