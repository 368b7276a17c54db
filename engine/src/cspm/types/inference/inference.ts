/**
 * What all of inference works on and reports to: the variables and their unification, the types of bindings, and the errors.
 *
 * An error is thrown where checking cannot go on, and caught where it can: at the next clause, operand or declaration. What the failed part bound is undone.
 */
import type { Span } from '../../../csp/index.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { Expression, Pattern } from '../../syntax.ts';
import type { TypeCode } from '../codes.ts';
import { namesIn } from '../patterns.ts';
import type { Resolution } from '../resolution/index.ts';
import type { Binding, Unit } from '../scope.ts';
import { ANYTHING, type Type, type TypeClass } from '../type.ts';
import { Budget, instantiate, Mismatch, Unification, Variables } from '../unification/index.ts';
import { explained } from './explanation.ts';

/** Nesting that no one writes by hand; above it the stack of the machine would be the limit. */
export const NESTING_MAX = 500;

/** Thrown where checking cannot go on, caught where it can: at the next clause, operand or declaration. */
class Rejected extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.name = 'Rejected';
    this.diagnostic = diagnostic;
  }
}

/** How a list of declarations is typed. */
export interface Policy {
  readonly generalizes: 'all' | 'annotated';
  /** Whether a channel whose type is not settled is an error here; in a module with arguments its instances settle it. */
  readonly ambiguity: boolean;
}

const IN_LET: Policy = { generalizes: 'annotated', ambiguity: true };

export class Inference {
  readonly variables = new Variables();
  readonly budget = new Budget();
  readonly unification = new Unification(this.variables, this.budget);
  readonly resolution: Resolution;
  readonly diagnostics: Diagnostic[] = [];
  /** While trying, the first error ends the attempt. */
  trying = false;
  /** Whether the declaration at hand has an error that was reported. */
  failed = false;
  /** Types declarations inside a declaration. Passed in, as `checkProcess` is, because declarations, processes and values contain each other. */
  readonly checkUnits: (units: readonly Unit[], policy: Policy) => void;
  readonly checkProcess: (expression: Expression) => void;
  #nesting = 0;
  #saidExhausted = false;

  constructor(
    resolution: Resolution,
    checkUnits: (units: readonly Unit[], inference: Inference, policy: Policy) => void,
    checkProcess: (expression: Expression, inference: Inference) => void,
  ) {
    this.resolution = resolution;
    this.checkUnits = (units, policy) => checkUnits(units, this, policy);
    this.checkProcess = (expression) => checkProcess(expression, this);
  }

  /** Types the declarations of a `let`. */
  checkLet(expression: Expression): void {
    this.checkUnits(this.resolution.lets.get(expression) ?? [], IN_LET);
  }

  /** One level deeper in an expression or a pattern; `leave` undoes it. */
  enter(span: Span, tooDeep: string): void {
    if (++this.#nesting > NESTING_MAX) this.reject('CSP-TYP-016', span, tooDeep);
  }

  leave(): void {
    this.#nesting--;
  }

  reject(code: TypeCode, span: Span, message: string): never {
    throw new Rejected({ severity: 'error', code, span, message });
  }

  /** Runs a part that can fail alone: its error is reported, its bindings undone, and what surrounds it goes on. */
  attempt(part: () => void, span: Span): boolean {
    const mark = this.variables.mark();
    const { level } = this.variables;
    const nesting = this.#nesting;
    try {
      part();
      return true;
    } catch (thrown) {
      const diagnostic = this.#diagnosticOf(thrown, span);
      if (this.trying) throw thrown;
      this.#goBack(mark, level, nesting);
      this.failed = true;
      // Once the steps are used up every part fails; that is one error.
      if (!this.budget.exhausted || !this.#saidExhausted) this.diagnostics.push(diagnostic);
      this.#saidExhausted = this.budget.exhausted;
      return false;
    }
  }

  /** Whether a part makes no error; what it bound is undone in either case. */
  succeeds(part: () => void): boolean {
    const mark = this.variables.mark();
    const { level } = this.variables;
    const [nesting, failed] = [this.#nesting, this.failed];
    this.trying = true;
    try {
      part();
      return true;
    } catch (thrown) {
      if (thrown instanceof Rejected || thrown instanceof Mismatch || thrown instanceof RangeError) return false;
      throw thrown;
    } finally {
      this.trying = false;
      this.failed = failed;
      this.#goBack(mark, level, nesting);
    }
  }

  /** Undoes what was bound since `mark`; the rest as it was then. */
  #goBack(mark: number, level: number, nesting: number): void {
    this.variables.undoTo(mark);
    this.variables.level = level;
    this.budget.surface();
    this.#nesting = nesting;
  }

  #diagnosticOf(thrown: unknown, span: Span): Diagnostic {
    if (thrown instanceof Rejected) return thrown.diagnostic;
    // A Mismatch that nobody put into words, or the machine's own stack limit, met only by scripts made to break a checker.
    if (thrown instanceof Mismatch || thrown instanceof RangeError) {
      return {
        severity: 'error',
        code: 'CSP-TYP-016',
        span,
        message: 'This is nested too deep to be checked: name parts of it.',
      };
    }
    throw thrown;
  }

  /** Makes `actual` the `expected` type, or says at `span` why it is not. */
  expect(span: Span, expected: Type, actual: Type, what: string, oneWay = false): Type {
    try {
      return oneWay ? this.unification.unifyOneWay(expected, actual) : this.unification.unify(expected, actual);
    } catch (thrown) {
      if (thrown instanceof Mismatch) throw new Rejected(explained(span, thrown, what, expected, actual));
      throw thrown;
    }
  }

  require(span: Span, wanted: TypeClass, type: Type, what: string): void {
    try {
      this.unification.classes.require(wanted, type);
    } catch (thrown) {
      if (thrown instanceof Mismatch) throw new Rejected(explained(span, thrown, what, type, type));
      throw thrown;
    }
  }

  evaluate(span: Span, type: Type): Type {
    try {
      return this.unification.dots.evaluate(type);
    } catch (thrown) {
      if (thrown instanceof Mismatch)
        throw new Rejected(explained(span, thrown, 'the parts of this dot expression', type, type));
      throw thrown;
    }
  }

  /** The type of a use: fresh variables for quantified ones. */
  typeOf(binding: Binding): Type {
    if (binding.poisoned || binding.type === undefined) return ANYTHING;
    return binding.generic ? instantiate(binding.type, this.variables, this.budget) : binding.type;
  }

  /** Gives the variables of a pattern fresh types, before anything that sees them is checked. */
  introduce(pattern: Pattern): void {
    for (const name of namesIn(pattern)) {
      const bound = this.resolution.bindings.get(name);
      if (bound?.sort === 'value' && !bound.poisoned) bound.type = this.variables.fresh();
    }
  }
}
