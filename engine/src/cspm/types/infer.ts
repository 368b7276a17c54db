/**
 * Type inference for expressions and patterns: Hindley and Milner, with the dots and classes of `unification/`.
 *
 * The order of the steps is part of the language: dots are worked out when a declaration, an argument or a generator is complete,
 * so what is known by then decides how many fields a variable stands for. It follows libcspm.
 *
 * Processes are checked with a list of what is left to do, and operators of one kind in a row are taken together, so that only
 * real nesting uses the stack.
 */
import type { Span } from '../../csp/index.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Expression, Field, Link, Pattern, RenamingPair, Statement, TypeExpression } from '../syntax.ts';
import type { TypeCode } from './codes.ts';
import { namesIn } from './patterns.ts';
import type { Resolution } from './resolve.ts';
import type { Annotation, Binding, Unit } from './scope.ts';
import { TypePrinter } from './show-type.ts';
import {
  ANYTHING,
  BOOL,
  CHAR,
  dotOf,
  dotsOf,
  EVENT,
  EVENTS,
  functionOf,
  headOf,
  INT,
  PROC,
  type SequenceType,
  type SetType,
  STRING,
  sequenceOf,
  setOf,
  type Type,
  type TypeClass,
  tupleOf,
  type Variable,
} from './type.ts';
import { Budget, instantiate, Mismatch, Unification, Variables } from './unification/index.ts';

/** Nesting that no one writes by hand; above it the stack of the machine would be the limit. */
const NESTING_MAX = 500;

/** Thrown where checking cannot go on, caught where it can: at the next clause, operand or declaration. */
export class Rejected extends Error {
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

type Task = { readonly expression: Expression; readonly expected: Type } | (() => void);

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
  /** Types declarations inside a declaration: those of a `let` or of a module. */
  readonly checkUnits: (units: readonly Unit[], policy: Policy) => void;
  #nesting = 0;
  #saidExhausted = false;

  constructor(
    resolution: Resolution,
    checkUnits: (units: readonly Unit[], inference: Inference, policy: Policy) => void,
  ) {
    this.resolution = resolution;
    this.checkUnits = (units, policy) => checkUnits(units, this, policy);
  }

  // Errors.

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
      if (thrown instanceof Mismatch) throw this.#explain(span, thrown, what, expected, actual);
      throw thrown;
    }
  }

  require(span: Span, wanted: TypeClass, type: Type, what: string): void {
    try {
      this.unification.classes.require(wanted, type);
    } catch (thrown) {
      if (thrown instanceof Mismatch) throw this.#explain(span, thrown, what, type, type);
      throw thrown;
    }
  }

  evaluate(span: Span, type: Type): Type {
    try {
      return this.unification.dots.evaluate(type);
    } catch (thrown) {
      if (thrown instanceof Mismatch) throw this.#explain(span, thrown, 'the parts of this dot expression', type, type);
      throw thrown;
    }
  }

  #explain(span: Span, mismatch: Mismatch, what: string, expected: Type, actual: Type): Rejected {
    const printer = new TypePrinter();
    const { reason } = mismatch;
    const whole =
      expected === actual ? '' : `; wanted for ${what}: ${printer.type(expected)}, found: ${printer.type(actual)}`;
    const rejected = (code: TypeCode, message: string) => new Rejected({ severity: 'error', code, span, message });
    switch (reason.kind) {
      case 'different': {
        const [wanted, found] = [printer.type(expected), printer.type(actual)];
        const [wantedInside, foundInside] = [printer.type(reason.expected), printer.type(reason.actual)];
        const inside =
          (wanted === wantedInside && found === foundInside) || expected === actual
            ? ''
            : ` Inside, ${wantedInside} and ${foundInside} differ.${nameless(reason.expected) ?? nameless(reason.actual) ?? ''}`;
        return expected === actual
          ? rejected('CSP-TYP-003', `In ${what}, ${wantedInside} and ${foundInside} differ.`)
          : rejected('CSP-TYP-003', `Expected ${wanted} for ${what}, but found ${found}.${inside}`);
      }
      case 'class':
        return rejected(
          'CSP-TYP-005',
          `The type ${printer.type(reason.type)} ${LACKS[reason.class]} (class ${reason.class}), which is needed for ${what}.`,
        );
      case 'infinite':
        return rejected(
          'CSP-TYP-006',
          `The type ${printer.type(reason.variable)} = ${printer.type(reason.type)} would contain itself${whole}.`,
        );
      case 'too large':
        return rejected('CSP-TYP-016', 'This type is too large to be checked: name parts of it, and annotate them.');
    }
  }

  // Bindings.

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

  // Expressions.

  check(expression: Expression, expected: Type, what: string): Type {
    if (expected === PROC) {
      this.process(expression);
      return PROC;
    }
    return this.expect(expression.span, expected, this.infer(expression), what);
  }

  infer(expression: Expression): Type {
    if (++this.#nesting > NESTING_MAX) {
      this.reject(
        'CSP-TYP-016',
        expression.span,
        'This expression is nested too deep to be checked: name parts of it.',
      );
    }
    const type = this.#infer(expression);
    this.#nesting--;
    return type;
  }

  #infer(outermost: Expression): Type {
    let expression = outermost;
    for (;;) {
      switch (expression.kind) {
        case 'paren':
          expression = expression.inner;
          continue;
        case 'let':
          this.checkUnits(this.resolution.lets.get(expression) ?? [], IN_LET);
          expression = expression.body;
          continue;
        case 'number':
          return INT;
        case 'boolean':
          return BOOL;
        case 'char':
          return CHAR;
        case 'string':
          return STRING;
        case 'name': {
          const bound = this.resolution.bindings.get(expression);
          return bound === undefined ? ANYTHING : this.typeOf(bound);
        }
        case 'apply':
          return this.#apply(expression.function, expression.arguments, expression.span);
        case 'binary':
          return this.#binary(expression);
        case 'negate':
          this.check(expression.operand, INT, 'the operand of `-`');
          return INT;
        case 'not':
          return this.check(expression.operand, BOOL, 'the operand of `not`');
        case 'length':
          this.check(expression.operand, sequenceOf(this.variables.fresh()), 'the operand of `#`');
          return INT;
        case 'dot':
          return this.#dots(expression);
        case 'tuple':
          return tupleOf(expression.elements.map((element) => this.infer(element)));
        case 'sequence':
          return sequenceOf(
            this.#allEqual(expression.elements, this.#firstOf(expression.elements), 'the members of a sequence'),
          );
        case 'set':
          return setOf(this.#allEqual(expression.elements, this.variables.fresh('Set'), 'the members of a set'));
        case 'setRange':
        case 'setRangeComprehension':
        case 'sequenceRange':
        case 'sequenceRangeComprehension': {
          const isSet = expression.kind === 'setRange' || expression.kind === 'setRangeComprehension';
          if ('statements' in expression) this.#statements(expression.statements, isSet ? setOf : sequenceOf);
          this.check(expression.low, INT, 'the lower end of a range');
          if (expression.high !== undefined) this.check(expression.high, INT, 'the upper end of a range');
          return isSet ? setOf(INT) : sequenceOf(INT);
        }
        case 'setComprehension':
          this.#statements(expression.statements, setOf);
          return setOf(this.#allEqual(expression.elements, this.variables.fresh('Set'), 'the members of a set'));
        case 'sequenceComprehension':
          this.#statements(expression.statements, sequenceOf);
          return sequenceOf(
            this.#allEqual(expression.elements, this.#firstOf(expression.elements), 'the members of a sequence'),
          );
        case 'productions': {
          this.#statements(expression.statements, setOf);
          const whole = this.variables.fresh('Yieldable');
          for (const element of expression.elements) {
            const extendable: Type = { kind: 'extendable', to: whole, by: this.variables.fresh() };
            this.expect(element.span, extendable, this.infer(element), 'a member of `{| |}`');
          }
          return setOf(whole);
        }
        case 'map': {
          const [first] = expression.entries;
          const key = first === undefined ? this.variables.fresh() : this.infer(first.key);
          for (const entry of expression.entries.slice(1)) this.check(entry.key, key, 'a key of this map');
          const value = first === undefined ? this.variables.fresh() : this.infer(first.value);
          for (const entry of expression.entries.slice(1)) this.check(entry.value, value, 'a value of this map');
          return { kind: 'map', key, value };
        }
        case 'lambda': {
          for (const parameter of expression.parameters) this.introduce(parameter);
          const result = this.infer(expression.body);
          return functionOf(
            expression.parameters.map((parameter) => this.pattern(parameter)),
            result,
          );
        }
        case 'if': {
          this.check(expression.condition, BOOL, 'a condition');
          let type = this.infer(expression.consequent);
          let rest = expression.alternative;
          while (rest.kind === 'if') {
            this.check(rest.condition, BOOL, 'a condition');
            type = this.#expectBranch(rest.consequent, type);
            rest = rest.alternative;
          }
          return this.#expectBranch(rest, type);
        }
        default:
          this.process(expression);
          return PROC;
      }
    }
  }

  #expectBranch(branch: Expression, type: Type): Type {
    return this.expect(branch.span, type, this.infer(branch), 'this branch, as for the one before');
  }

  #firstOf(elements: readonly Expression[]): Type {
    return elements.length === 0 ? this.variables.fresh() : this.infer(elements[0]!);
  }

  /** For a sequence `expected` is the type of the first element, which is inferred already; for a set a variable. */
  #allEqual(elements: readonly Expression[], expected: Type, what: string): Type {
    const isSet = what === 'the members of a set';
    for (let i = isSet ? 0 : 1; i < elements.length; i++) {
      const element = elements[i]!;
      this.expect(element.span, expected, this.infer(element), `${what}, as for the one before`);
    }
    return expected;
  }

  #apply(applied: Expression, args: readonly Expression[], span: Span): Type {
    const name = nameOf(applied);
    const type = headOf(this.infer(applied));
    let parameters: readonly Type[];
    let result: Type;
    if (type.kind === 'function') {
      if (type.parameters.length !== args.length) {
        this.reject(
          'CSP-TYP-004',
          span,
          `${name} takes ${counted(type.parameters.length)}, but is given ${args.length}.`,
        );
      }
      ({ parameters, result } = type);
    } else {
      parameters = args.map(() => this.variables.fresh());
      result = this.variables.fresh();
      if (type.kind !== 'variable' && type.kind !== 'anything') {
        this.reject(
          'CSP-TYP-007',
          applied.span,
          `${name} is not a function: its type is ${new TypePrinter().scheme(type)}.`,
        );
      }
      this.expect(applied.span, functionOf(parameters, result), type, name);
    }
    this.#arguments(args, parameters, (i) =>
      args.length === 1 ? `the argument of ${name}` : `argument ${i + 1} of ${name}`,
    );
    return result;
  }

  #arguments(args: readonly Expression[], parameters: readonly Type[], what: (index: number) => string): void {
    const types = args.map((argument) => this.infer(argument));
    for (let i = 0; i < args.length; i++) {
      const { span } = args[i]!;
      const actual = this.evaluate(span, types[i]!);
      const expected = this.evaluate(span, parameters[i]!);
      this.expect(span, expected, actual, what(i), true);
    }
  }

  #binary(expression: Extract<Expression, { kind: 'binary' }>): Type {
    const { operator } = expression;
    switch (operator) {
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        for (const operand of operandsOf(expression, (kind) => '+-*/%'.includes(kind)))
          this.check(operand, INT, `an operand of \`${operator}\``);
        return INT;
      case 'and':
      case 'or':
        for (const operand of operandsOf(expression, (kind) => kind === 'and' || kind === 'or')) {
          this.#arguments([operand], [BOOL], () => `an operand of \`${operator}\``);
        }
        return BOOL;
      case '^': {
        const [first, ...rest] = operandsOf(expression, (kind) => kind === '^');
        let type = this.check(first!, sequenceOf(this.variables.fresh()), 'an operand of `^`');
        for (const operand of rest) type = this.check(operand, type, 'an operand of `^`');
        return type;
      }
      default: {
        const left = this.infer(expression.left);
        const type = this.expect(
          expression.right.span,
          left,
          this.infer(expression.right),
          `the right side of \`${operator}\`, as for the left`,
        );
        const wanted = operator === '==' || operator === '!=' ? 'Eq' : 'Ord';
        this.require(expression.span, wanted, type, `\`${operator}\``);
        return BOOL;
      }
    }
  }

  #dots(expression: Expression): Type {
    const types: Type[] = [];
    let rest = expression;
    while (rest.kind === 'dot') {
      types.push(this.infer(rest.left));
      rest = rest.right;
    }
    types.push(this.infer(rest));
    return dotsOf(types);
  }

  // Processes.

  process(expression: Expression): void {
    const tasks: Task[] = [{ expression, expected: PROC }];
    for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
      const now = task;
      if (typeof now === 'function') this.attempt(now, expression.span);
      else if (now.expected !== PROC)
        this.attempt(() => this.check(now.expression, now.expected, 'this set of events'), now.expression.span);
      else this.attempt(() => this.#process(now.expression, tasks), now.expression.span);
    }
  }

  /** One process operator; its operands become tasks, which run in the order of the text. */
  #process(process: Expression, tasks: Task[]): void {
    const next = (...todo: (Expression | Task)[]) => {
      for (let i = todo.length - 1; i >= 0; i--) {
        const each = todo[i]!;
        tasks.push(typeof each === 'function' || 'expected' in each ? each : { expression: each, expected: PROC });
      }
    };
    const events = (expression: Expression): Task => ({ expression, expected: EVENTS });
    switch (process.kind) {
      case 'paren':
        next(process.inner);
        return;
      case 'let':
        this.checkUnits(this.resolution.lets.get(process) ?? [], IN_LET);
        next(process.body);
        return;
      case 'if':
        next(process.consequent, process.alternative);
        this.check(process.condition, BOOL, 'a condition');
        return;
      case 'guard':
        next(process.process);
        this.check(process.condition, BOOL, 'a guard');
        return;
      case 'prefix':
        next(process.process);
        if (process.fields.length === 0) this.check(process.event, EVENT, 'the event of a prefix');
        else this.#prefix(process.event, process.fields);
        return;
      case 'externalChoice':
      case 'internalChoice':
      case 'slidingChoice':
      case 'interrupt':
      case 'sequential':
      case 'interleave':
        next(process.left, process.right);
        return;
      case 'exception':
      case 'generalizedParallel':
        next(process.left, process.right, events(process.events));
        return;
      case 'synchronizingChoice':
      case 'synchronizingInterrupt':
        next(process.left, events(process.events), process.right);
        return;
      case 'alphabetizedParallel':
        next(process.left, process.right, events(process.leftAlphabet), events(process.rightAlphabet));
        return;
      case 'hide':
      case 'project':
        next(process.process, events(process.events));
        return;
      case 'linkParallel':
        next(process.left, process.right, () => {
          this.#statements(process.statements, setOf);
          this.#channelPairs(process.links.map(({ left, right }) => [left, right]));
        });
        return;
      case 'rename':
        next(process.process, () => {
          this.#statements(process.statements, setOf);
          this.#channelPairs(process.pairs.map(({ from, to }: RenamingPair) => [from, to]));
        });
        return;
      case 'replicated': {
        const { operator } = process;
        if (operator.of === 'generalizedParallel' || operator.of === 'synchronizingChoice') {
          next(events(operator.events), () => this.#statements(process.statements, setOf), process.body);
          return;
        }
        const ordered = operator.of === 'sequential' || operator.of === 'linkParallel';
        next(() => this.#statements(process.statements, ordered ? sequenceOf : setOf));
        const first = tasks.pop()!;
        if (operator.of === 'alphabetizedParallel') next(first, events(operator.alphabet), process.body);
        else if (operator.of === 'linkParallel') {
          next(
            first,
            () => {
              this.#statements(operator.statements, setOf);
              this.#channelPairs(operator.links.map(({ left, right }: Link) => [left, right]));
            },
            process.body,
          );
        } else next(first, process.body);
        return;
      }
      default:
        this.expect(process.span, PROC, this.infer(process), 'a process');
    }
  }

  #prefix(event: Expression, fields: readonly Field[]): void {
    for (const field of fields) if (field.kind !== 'output') this.introduce(field.pattern);
    const channel = this.infer(event);
    const types = fields.map((field) => {
      if (field.kind === 'output') return this.infer(field.expression);
      const from = field.from === undefined ? undefined : this.infer(field.from);
      const type = this.pattern(field.pattern);
      if (from !== undefined) this.expect(field.span, setOf(type), from, 'the set of this input');
      this.require(field.span, 'Complete', type, 'an input');
      return type;
    });
    const first = fields[0]!.span;
    const last = fields[fields.length - 1]!.span;
    const span = { ...event.span, endLine: last.endLine, endColumn: last.endColumn };
    this.expect(
      first.file === last.file ? span : event.span,
      EVENT,
      dotOf(channel, dotsOf(types)),
      'the event of a prefix',
    );
  }

  #channelPairs(pairs: readonly (readonly [Expression, Expression])[]): void {
    const lefts = pairs.map(([left]) => {
      const channel: Type = { kind: 'extendable', to: EVENT, by: this.variables.fresh() };
      return this.expect(left.span, channel, this.infer(left), 'a channel');
    });
    pairs.forEach(([, right], i) => {
      this.expect(right.span, lefts[i]!, this.infer(right), 'the other side of this pair');
    });
  }

  #statements(statements: readonly Statement[], collection: (of: Type) => SetType | SequenceType): void {
    for (const statement of statements) if (statement.kind === 'generator') this.introduce(statement.pattern);
    for (const statement of statements) {
      if (statement.kind === 'condition') {
        this.check(statement.expression, BOOL, 'a condition');
        continue;
      }
      const from = this.evaluate(statement.from.span, this.infer(statement.from));
      const type = this.evaluate(statement.pattern.span, this.pattern(statement.pattern));
      this.expect(statement.from.span, collection(type), from, 'the source of this generator', true);
    }
  }

  // Patterns.

  pattern(pattern: Pattern): Type {
    if (++this.#nesting > NESTING_MAX) {
      this.reject('CSP-TYP-016', pattern.span, 'This pattern is nested too deep to be checked.');
    }
    const type = this.#pattern(pattern);
    this.#nesting--;
    return type;
  }

  #pattern(pattern: Pattern): Type {
    switch (pattern.kind) {
      case 'name': {
        const bound = this.resolution.bindings.get(pattern);
        return bound === undefined || bound.poisoned ? ANYTHING : (bound.type ?? ANYTHING);
      }
      case 'wildcard':
        return this.variables.fresh();
      case 'number':
        return INT;
      case 'boolean':
        return BOOL;
      case 'char':
        return CHAR;
      case 'string':
        return STRING;
      case 'paren':
        return this.pattern(pattern.inner);
      case 'tuple':
        return tupleOf(pattern.elements.map((element) => this.pattern(element)));
      case 'sequence':
        return sequenceOf(this.#samePatterns(pattern.elements));
      case 'set': {
        const of = this.#samePatterns(pattern.elements);
        // Matching asks which member is which, and processes cannot be told apart.
        this.require(pattern.span, 'Eq', of, 'a set in a pattern');
        return setOf(of);
      }
      case 'concatenation': {
        let type: Type = sequenceOf(this.variables.fresh());
        for (const part of partsOfPattern(pattern, 'concatenation')) type = this.#expectPattern(part, type);
        return type;
      }
      case 'both':
        return this.#expectPattern(pattern.right, this.pattern(pattern.left));
      case 'dot':
        return dotsOf(partsOfPattern(pattern, 'dot').map((part) => this.pattern(part)));
    }
  }

  #expectPattern(pattern: Pattern, expected: Type): Type {
    return this.expect(pattern.span, expected, this.pattern(pattern), 'this pattern');
  }

  #samePatterns(patterns: readonly Pattern[]): Type {
    if (patterns.length === 0) return this.variables.fresh();
    const type = this.pattern(patterns[0]!);
    for (const pattern of patterns.slice(1)) this.#expectPattern(pattern, type);
    return type;
  }

  // Annotations.

  /** The annotated type, its type variables standing for themselves in the declaration at hand. */
  annotated(annotation: Annotation): Type {
    for (const variable of annotation.variables)
      variable.type = this.variables.rigid(variable.name, variable.classes as TypeClass[]);
    return this.#typeOfExpression(annotation.syntax.type, 0);
  }

  #typeOfExpression(type: TypeExpression, depth: number): Type {
    if (depth > NESTING_MAX) this.reject('CSP-TYP-016', type.span, 'This type is nested too deep.');
    const inner = (part: TypeExpression) => this.#typeOfExpression(part, depth + 1);
    switch (type.kind) {
      case 'name': {
        const named = this.resolution.typeNames.get(type);
        if (named === undefined) return ANYTHING;
        if (named.kind === 'named') return named.type ?? ANYTHING;
        if (named.kind !== 'declared') return named;
        const of = named.binding.datatype;
        return of === undefined ? ANYTHING : { kind: 'datatype', of };
      }
      case 'set':
      case 'sequence':
        return { kind: type.kind, of: inner(type.of) };
      case 'tuple':
        return type.elements.length === 1 ? inner(type.elements[0]!) : tupleOf(type.elements.map(inner));
      case 'map':
        return { kind: 'map', key: inner(type.key), value: inner(type.value) };
      case 'function':
        return functionOf(type.parameters.map(inner), inner(type.result));
      case 'dot':
        return dotOf(inner(type.left), inner(type.right));
      case 'dotable':
        return { kind: 'dotable', from: inner(type.from), to: inner(type.to) };
      case 'extendable': {
        const by = inner(type.from);
        if (by.kind !== 'variable')
          return this.reject('CSP-TYP-015', type.from.span, 'Only a type variable may stand left of `=>*`.');
        return { kind: 'extendable', to: inner(type.to), by: by as Variable };
      }
    }
  }
}

const LACKS: Readonly<Record<TypeClass, string>> = {
  Eq: 'cannot be compared for equality',
  Ord: 'has no order',
  Complete: 'is not complete, fields are missing',
  Set: 'cannot be put in a set',
  Yieldable: 'is neither an event nor a member of a datatype',
};

/** An annotation that names a set where it should name a datatype is a common slip. */
function nameless(type: Type): string | undefined {
  if (type.kind !== 'variable' || type.rigid === undefined || !/^[A-Z]/.test(type.rigid)) return undefined;
  return ` No datatype is called \`${type.rigid}\`, so the annotation makes it a type variable.`;
}

function counted(count: number): string {
  return count === 1 ? 'one argument' : `${count} arguments`;
}

function nameOf(expression: Expression): string {
  return expression.kind === 'name' ? `\`${expression.name.parts.join('::')}\`` : 'what is applied here';
}

/** The operands of operators in a row, left to right, parentheses looked through. */
function operandsOf(expression: Expression, same: (operator: string) => boolean): Expression[] {
  const operands: Expression[] = [];
  const pending: Expression[] = [expression];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part.kind === 'paren') pending.push(part.inner);
    else if (part.kind === 'binary' && same(part.operator)) pending.push(part.right, part.left);
    else operands.push(part);
  }
  return operands;
}

function partsOfPattern(pattern: Pattern, kind: 'dot' | 'concatenation'): Pattern[] {
  const parts: Pattern[] = [];
  const pending: Pattern[] = [pattern];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part.kind === kind) pending.push(part.right, part.left);
    else parts.push(part);
  }
  return parts;
}
