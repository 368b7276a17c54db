/**
 * From a parsed script to processes.
 *
 * Nothing is evaluated before it is asked for, but for what channels and datatypes range over and for prefixes whose event is written out: what
 * is wrong there is found at once.
 */
import type { EventSet, Process, Span, Terms } from '../../csp/index.ts';
import { type Assertion, EvaluationFault } from '../assertion.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type * as Syntax from '../syntax.ts';
import { DEFAULT_LIMITS, type EvaluationLimits } from './budget.ts';
import { defineBuiltins } from './builtin.ts';
import { compilerFor } from './compile.ts';
import type { Compiler } from './compiler.ts';
import { type Declared, Declarer } from './declare.ts';
import { Machine } from './machine.ts';
import { print } from './print.ts';
import { type Global, Scope, Unit } from './scope.ts';
import { itemsOf, setOf, union } from './sets.ts';
import { VALUE } from './shape.ts';
import { force, Thunk } from './thunk.ts';
import type { Value } from './value.ts';
import { wrongPrefixes } from './written-out.ts';

export interface Evaluation {
  readonly terms: Terms;
  /** What is wrong in declarations; empty for a sound script. */
  readonly diagnostics: readonly Diagnostic[];
  readonly assertions: readonly Assertion[];
  readonly prints: readonly Print[];
  /** Names of the processes at the top that take no arguments, modules' included, in order of declaration. */
  readonly definitions: readonly string[];
  /** The process of one of `definitions`, also of one that its module does not export. */
  definition(name: string): Process;
  /** The process an expression stands for, in the scope of the whole script. Throws `EvaluationFault`, as do the next two. */
  process(expression: Syntax.Expression): Process;
  /** The value of an expression, printed as CSPM. */
  value(expression: Syntax.Expression): string;
  /** The events of an expression that is a set of events. */
  events(expression: Syntax.Expression): EventSet;
}

export interface Print {
  readonly span: Span;
  /** The expression as written, white space folded. */
  readonly expression: string;
  /** Its value, printed as CSPM. Throws `EvaluationFault`. */
  text(): string;
}

export interface EvaluateOptions {
  readonly limits?: EvaluationLimits;
  /** Asked now and then: true ends the evaluation, with a fault in the declarations, with `LimitReached` afterwards. */
  readonly stopped?: () => boolean;
}

/**
 * Evaluates a script. Never throws for what the script says: what is wrong is in `diagnostics`, or is thrown as an `EvaluationFault` when the part
 * that is wrong is asked for.
 *
 * @example
 * const { script } = parse('channel a, b\nP = a -> b -> P\n', { file: 'clock.csp' });
 * const evaluation = evaluate(script);
 * evaluation.definitions; // ['P']
 * const { expression } = parseExpression('P \\ {b}', { file: 'expression' });
 * evaluation.process(expression!).kind; // 'hide'
 */
export function evaluate(script: Syntax.Script, options: EvaluateOptions = {}): Evaluation {
  const machine = new Machine({ ...DEFAULT_LIMITS, ...options.limits }, options.stopped);
  const compiler = compilerFor(machine);
  const declared: Declared = { constants: [], constructors: [], asserts: [], prints: [], diagnostics: [] };
  const builtins = new Scope(new Unit(undefined));
  defineBuiltins(machine, builtins);
  const scope = builtins.inner(new Unit(undefined));
  defineEvents(machine, declared, builtins);
  new Declarer(compiler, declared).declare(script.declarations, scope);
  checkTypes(machine, declared);
  declared.diagnostics.push(...wrongPrefixes(compiler, script.declarations, scope));

  const definitions = new Map(processes(machine, declared, script).map((global) => [global.name, global]));
  const top = script.declarations[0]?.span ?? NOWHERE;
  machine.budget.isDeclaring = false;

  const ask = (expression: Syntax.Expression, within: Scope = scope): Value =>
    machine.budget.demand(expression.span, () => evaluateIn(compiler, expression, within));
  const askProcess = (expression: Syntax.Expression, within: Scope = scope): Process =>
    machine.process(ask(expression, within), expression.span);

  return {
    terms: machine.terms,
    diagnostics: declared.diagnostics,
    assertions: declared.asserts.map(({ declaration, scope: within }) =>
      assertionOf(
        machine,
        declaration,
        (e) => askProcess(e, within),
        (e) => ask(e, within),
      ),
    ),
    prints: declared.prints.map(({ declaration, scope: within }) => ({
      span: declaration.span,
      expression: declaration.text,
      text: () => shown(machine, declaration.expression, () => ask(declaration.expression, within)),
    })),
    definitions: [...definitions.keys()],
    definition: (name) => {
      const global = definitions.get(name);
      if (global === undefined) throw new RangeError(`${name} is not among the definitions`);
      return machine.budget.demand(top, () => machine.process(force(global.slot()), top));
    },
    process: (expression) => askProcess(expression),
    value: (expression) => shown(machine, expression, () => ask(expression)),
    events: (expression) =>
      machine.budget.demand(expression.span, () => machine.events(ask(expression), expression.span)),
  };
}

/** Of what the language brings. */
const NOWHERE: Span = { file: 'builtin', line: 1, column: 1, endLine: 1, endColumn: 1 };

function evaluateIn(compiler: Compiler, expression: Syntax.Expression, scope: Scope): Value {
  const unit = new Unit(undefined);
  return compiler.expression(expression, scope.inner(unit))(unit.enter([]));
}

/** Names may be chained without end (`P = Q`, `Q = R`, …), so telling which are processes is a demand like others. */
function processes(machine: Machine, declared: Declared, script: Syntax.Script): readonly Global[] {
  const span = script.declarations[0]?.span;
  if (span === undefined) return [];
  try {
    return machine.budget.demand(span, () => declared.constants.filter((global) => global.shape().is === 'process'));
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    declared.diagnostics.push(error.diagnostic);
    return [];
  }
}

/** Printing may read a sequence to its end, so it is part of the demand. */
function shown(machine: Machine, expression: Syntax.Expression, value: () => Value): string {
  return machine.budget.demand(expression.span, () => print(value()));
}

/** `Events`: what all channels of the script may carry. */
function defineEvents(machine: Machine, declared: Declared, scope: Scope): void {
  const { values } = machine;
  const thunk = new Thunk(NOWHERE, 'Events', () => {
    const channels = declared.constructors.filter((head) => head.isChannel);
    const parts = channels.map((head) =>
      setOf(values, head.span, { of: 'productions', prefix: values.tagged(head, []) }),
    );
    return union(values, NOWHERE, [values.emptySet, ...parts]);
  });
  scope.define('Events', { kind: 'global', name: 'Events', shape: () => VALUE, slot: () => thunk });
}

/** Finds now what is wrong with the types of channels and constructors. */
function checkTypes(machine: Machine, declared: Declared): void {
  for (const head of declared.constructors) {
    try {
      machine.budget.demand(head.span, () => head.fields());
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      declared.diagnostics.push(error.diagnostic);
    }
  }
}

function assertionOf(
  machine: Machine,
  { span, text, negated, assertion, options }: Syntax.AssertDeclaration,
  askProcess: (expression: Syntax.Expression) => Process,
  ask: (expression: Syntax.Expression) => Value,
): Assertion {
  // Tau has priority over the events given, in every process of the assertion: they are blocked while it can do an internal step, or terminate.
  const prepared = (expression: Syntax.Expression): Process => {
    let process = askProcess(expression);
    for (const option of options) {
      if (option.option !== 'tau priority') continue;
      const events = machine.budget.demand(option.events.span, () =>
        machine.events(ask(option.events), option.events.span),
      );
      process = machine.terms.prioritize(process, [[], events]);
    }
    return process;
  };
  const partialOrderReduce = options.some(({ option }) => option === 'partial order reduce');
  const about = { span, text, negated, partialOrderReduce };
  switch (assertion.form) {
    case 'refinement':
      return {
        ...about,
        form: 'refinement',
        model: assertion.model,
        specification: () => prepared(assertion.specification),
        implementation: () => prepared(assertion.implementation),
      };
    case 'property':
      return {
        ...about,
        form: 'property',
        property: assertion.property,
        model: assertion.model ?? 'FD',
        process: () => prepared(assertion.process),
      };
    case 'has trace':
      return {
        ...about,
        form: 'has trace',
        model: assertion.model ?? 'T',
        process: () => prepared(assertion.process),
        trace: () =>
          machine.budget.demand(assertion.trace.span, () => {
            const items = itemsOf(machine.sequence(ask(assertion.trace), assertion.trace.span));
            return items.map((item) => machine.event(item, assertion.trace.span));
          }),
      };
  }
}
