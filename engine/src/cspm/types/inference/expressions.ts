/**
 * Types of expressions, by Hindley and Milner.
 *
 * The order of the steps is part of the language: dots are worked out when a declaration, an argument or a generator is complete,
 * so what is known by then decides how many fields a variable stands for. It follows libcspm.
 */
import type { Span } from '../../../csp/index.ts';
import type { Expression, Statement } from '../../syntax.ts';
import { TypePrinter } from '../show-type.ts';
import {
  ANYTHING,
  BOOL,
  CHAR,
  dotsOf,
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
  tupleOf,
} from '../type.ts';
import type { Inference } from './inference.ts';
import { inferPattern } from './patterns.ts';

/** Makes the type of an expression the `expected` one; `what` names what it is wanted for. */
export function check(expression: Expression, expected: Type, what: string, inference: Inference): Type {
  if (expected === PROC) {
    inference.checkProcess(expression);
    return PROC;
  }
  return inference.expect(expression.span, expected, infer(expression, inference), what);
}

export function infer(expression: Expression, inference: Inference): Type {
  inference.enter(expression.span, 'This expression is nested too deep to be checked: name parts of it.');
  const type = inferByKind(expression, inference);
  inference.leave();
  return type;
}

function inferByKind(outermost: Expression, inference: Inference): Type {
  let expression = outermost;
  for (;;) {
    switch (expression.kind) {
      case 'paren':
        expression = expression.inner;
        continue;
      case 'let':
        inference.checkLet(expression);
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
        const bound = inference.resolution.bindings.get(expression);
        return bound === undefined ? ANYTHING : inference.typeOf(bound);
      }
      case 'apply':
        return inferApplication(expression.function, expression.arguments, expression.span, inference);
      case 'binary':
        return inferBinary(expression, inference);
      case 'negate':
        check(expression.operand, INT, 'the operand of `-`', inference);
        return INT;
      case 'not':
        return check(expression.operand, BOOL, 'the operand of `not`', inference);
      case 'length':
        check(expression.operand, sequenceOf(inference.variables.fresh()), 'the operand of `#`', inference);
        return INT;
      case 'dot':
        return inferDots(expression, inference);
      case 'tuple':
        return tupleOf(expression.elements.map((element) => infer(element, inference)));
      case 'sequence':
        return sequenceOf(
          allEqual(
            expression.elements,
            firstOf(expression.elements, inference),
            'the members of a sequence',
            inference,
          ),
        );
      case 'set':
        return setOf(
          allEqual(expression.elements, inference.variables.fresh('Set'), 'the members of a set', inference),
        );
      case 'setRange':
      case 'setRangeComprehension':
      case 'sequenceRange':
      case 'sequenceRangeComprehension': {
        const isSet = expression.kind === 'setRange' || expression.kind === 'setRangeComprehension';
        if ('statements' in expression) checkStatements(expression.statements, isSet ? setOf : sequenceOf, inference);
        check(expression.low, INT, 'the lower end of a range', inference);
        if (expression.high !== undefined) check(expression.high, INT, 'the upper end of a range', inference);
        return isSet ? setOf(INT) : sequenceOf(INT);
      }
      case 'setComprehension':
        checkStatements(expression.statements, setOf, inference);
        return setOf(
          allEqual(expression.elements, inference.variables.fresh('Set'), 'the members of a set', inference),
        );
      case 'sequenceComprehension':
        checkStatements(expression.statements, sequenceOf, inference);
        return sequenceOf(
          allEqual(
            expression.elements,
            firstOf(expression.elements, inference),
            'the members of a sequence',
            inference,
          ),
        );
      case 'productions': {
        checkStatements(expression.statements, setOf, inference);
        const whole = inference.variables.fresh('Yieldable');
        for (const element of expression.elements) {
          const extendable: Type = { kind: 'extendable', to: whole, by: inference.variables.fresh() };
          inference.expect(element.span, extendable, infer(element, inference), 'a member of `{| |}`');
        }
        return setOf(whole);
      }
      case 'map': {
        const [first] = expression.entries;
        const key = first === undefined ? inference.variables.fresh() : infer(first.key, inference);
        for (const entry of expression.entries.slice(1)) check(entry.key, key, 'a key of this map', inference);
        const value = first === undefined ? inference.variables.fresh() : infer(first.value, inference);
        for (const entry of expression.entries.slice(1)) check(entry.value, value, 'a value of this map', inference);
        return { kind: 'map', key, value };
      }
      case 'lambda': {
        for (const parameter of expression.parameters) inference.introduce(parameter);
        const result = infer(expression.body, inference);
        return functionOf(
          expression.parameters.map((parameter) => inferPattern(parameter, inference)),
          result,
        );
      }
      case 'if': {
        check(expression.condition, BOOL, 'a condition', inference);
        let type = infer(expression.consequent, inference);
        let rest = expression.alternative;
        while (rest.kind === 'if') {
          check(rest.condition, BOOL, 'a condition', inference);
          type = expectBranch(rest.consequent, type, inference);
          rest = rest.alternative;
        }
        return expectBranch(rest, type, inference);
      }
      default:
        inference.checkProcess(expression);
        return PROC;
    }
  }
}

function expectBranch(branch: Expression, type: Type, inference: Inference): Type {
  return inference.expect(branch.span, type, infer(branch, inference), 'this branch, as for the one before');
}

function firstOf(elements: readonly Expression[], inference: Inference): Type {
  return elements.length === 0 ? inference.variables.fresh() : infer(elements[0]!, inference);
}

/** For a sequence `expected` is the type of the first element, which is inferred already; for a set a variable. */
function allEqual(elements: readonly Expression[], expected: Type, what: string, inference: Inference): Type {
  const isSet = what === 'the members of a set';
  for (let i = isSet ? 0 : 1; i < elements.length; i++) {
    const element = elements[i]!;
    inference.expect(element.span, expected, infer(element, inference), `${what}, as for the one before`);
  }
  return expected;
}

function inferApplication(applied: Expression, args: readonly Expression[], span: Span, inference: Inference): Type {
  const name = nameOf(applied);
  const type = headOf(infer(applied, inference));
  let parameters: readonly Type[];
  let result: Type;
  if (type.kind === 'function') {
    if (type.parameters.length !== args.length) {
      inference.reject(
        'CSP-TYP-004',
        span,
        `${name} takes ${counted(type.parameters.length)}, but is given ${args.length}.`,
      );
    }
    ({ parameters, result } = type);
  } else {
    parameters = args.map(() => inference.variables.fresh());
    result = inference.variables.fresh();
    if (type.kind !== 'variable' && type.kind !== 'anything') {
      inference.reject(
        'CSP-TYP-007',
        applied.span,
        `${name} is not a function: its type is ${new TypePrinter().scheme(type)}.`,
      );
    }
    inference.expect(applied.span, functionOf(parameters, result), type, name);
  }
  checkArguments(
    args,
    parameters,
    (i) => (args.length === 1 ? `the argument of ${name}` : `argument ${i + 1} of ${name}`),
    inference,
  );
  return result;
}

function checkArguments(
  args: readonly Expression[],
  parameters: readonly Type[],
  what: (index: number) => string,
  inference: Inference,
): void {
  const types = args.map((argument) => infer(argument, inference));
  for (let i = 0; i < args.length; i++) {
    const { span } = args[i]!;
    const actual = inference.evaluate(span, types[i]!);
    const expected = inference.evaluate(span, parameters[i]!);
    inference.expect(span, expected, actual, what(i), true);
  }
}

function inferBinary(expression: Extract<Expression, { kind: 'binary' }>, inference: Inference): Type {
  const { operator } = expression;
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      for (const operand of operandsOf(expression, (kind) => '+-*/%'.includes(kind)))
        check(operand, INT, `an operand of \`${operator}\``, inference);
      return INT;
    case 'and':
    case 'or':
      for (const operand of operandsOf(expression, (kind) => kind === 'and' || kind === 'or')) {
        checkArguments([operand], [BOOL], () => `an operand of \`${operator}\``, inference);
      }
      return BOOL;
    case '^': {
      const [first, ...rest] = operandsOf(expression, (kind) => kind === '^');
      let type = check(first!, sequenceOf(inference.variables.fresh()), 'an operand of `^`', inference);
      for (const operand of rest) type = check(operand, type, 'an operand of `^`', inference);
      return type;
    }
    default: {
      const left = infer(expression.left, inference);
      const type = inference.expect(
        expression.right.span,
        left,
        infer(expression.right, inference),
        `the right side of \`${operator}\`, as for the left`,
      );
      const wanted = operator === '==' || operator === '!=' ? 'Eq' : 'Ord';
      inference.require(expression.span, wanted, type, `\`${operator}\``);
      return BOOL;
    }
  }
}

function inferDots(expression: Expression, inference: Inference): Type {
  const types: Type[] = [];
  let rest = expression;
  while (rest.kind === 'dot') {
    types.push(infer(rest.left, inference));
    rest = rest.right;
  }
  types.push(infer(rest, inference));
  return dotsOf(types);
}

/** Statements from left to right; `collection` is what generators draw from. */
export function checkStatements(
  statements: readonly Statement[],
  collection: (of: Type) => SetType | SequenceType,
  inference: Inference,
): void {
  for (const statement of statements) if (statement.kind === 'generator') inference.introduce(statement.pattern);
  for (const statement of statements) {
    if (statement.kind === 'condition') {
      check(statement.expression, BOOL, 'a condition', inference);
      continue;
    }
    const from = inference.evaluate(statement.from.span, infer(statement.from, inference));
    const type = inference.evaluate(statement.pattern.span, inferPattern(statement.pattern, inference));
    inference.expect(statement.from.span, collection(type), from, 'the source of this generator', true);
  }
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
