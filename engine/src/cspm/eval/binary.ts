/** Arithmetic, comparison, truth and concatenation. */
import type { Expression } from '../syntax.ts';
import { fault } from './codes.ts';
import type { Compiler } from './compiler.ts';
import type { Machine } from './machine.ts';
import type { Code, Scope } from './scope.ts';
import { areEqualSets, compareInScript } from './sets.ts';
import { concatenate, view } from './stream.ts';
import { force, Thunk } from './thunk.ts';
import type { Value } from './value.ts';
import { areEqual } from './values.ts';

export function compileBinary(compiler: Compiler, expression: Expression & { kind: 'binary' }, scope: Scope): Code {
  const { machine } = compiler;
  const { values } = machine;
  const { operator, span } = expression;
  const left = compiler.expression(expression.left, scope);
  const right = compiler.expression(expression.right, scope);
  const leftSpan = expression.left.span;
  const rightSpan = expression.right.span;

  const arithmetic =
    (compute: (a: number, b: number) => number): Code =>
    (frame) => {
      const result = compute(machine.number(left(frame), leftSpan), machine.number(right(frame), rightSpan));
      if (!Number.isSafeInteger(result)) throw tooLarge(span);
      return result;
    };
  const nonZero = (b: number): number => {
    if (b !== 0) return b;
    throw fault('divisionByZero', span, 'Division by zero. Guard it by a test, as in `if b == 0 then … else a / b`.');
  };
  const comparison =
    (holds: (order: number) => boolean): Code =>
    (frame) => {
      const [a, b] = [left(frame), right(frame)];
      if (typeof a === 'number' && typeof b === 'number') return holds(a - b);
      const order = compareInScript(values, span, a, b);
      return order !== undefined && holds(order);
    };

  switch (operator) {
    case '+':
      return arithmetic((a, b) => a + b);
    case '-':
      return arithmetic((a, b) => a - b);
    case '*':
      return arithmetic((a, b) => a * b + 0);
    case '/':
      return arithmetic((a, b) => Math.floor(a / nonZero(b)) + 0);
    case '%':
      return arithmetic((a, b) => a - Math.floor(a / nonZero(b)) * b + 0);
    case '==':
      return (frame) => areEqualValues(machine, expression, left(frame), right(frame));
    case '!=':
      return (frame) => !areEqualValues(machine, expression, left(frame), right(frame));
    case '<':
      return comparison((order) => order < 0);
    case '<=':
      return comparison((order) => order <= 0);
    case '>':
      return comparison((order) => order > 0);
    case '>=':
      return comparison((order) => order >= 0);
    case 'and':
      return (frame) => machine.boolean(left(frame), leftSpan) && machine.boolean(right(frame), rightSpan);
    case 'or':
      return (frame) => machine.boolean(left(frame), leftSpan) || machine.boolean(right(frame), rightSpan);
    case '^': {
      const later = compiler.delayed(expression.right, scope);
      return (frame) => {
        const front = machine.sequence(left(frame), leftSpan);
        const slot = later(frame);
        const back = slot instanceof Thunk && !slot.isDone ? undefined : machine.sequence(force(slot), rightSpan);
        if (front.kind === 'sequence' && back?.kind === 'sequence') {
          return view(values, span, [...front.items, ...back.items]);
        }
        return concatenate(values, span, front, () => back ?? machine.sequence(force(slot), rightSpan));
      };
    }
  }
}

function areEqualValues(machine: Machine, { span }: Expression, a: Value, b: Value): boolean {
  if (typeof a === 'object' && typeof b === 'object') {
    const isSet = (v: typeof a) => v.kind === 'set' || v.kind === 'symbolic';
    if (isSet(a) && isSet(b)) return areEqualSets(machine.values, span, machine.set(a, span), machine.set(b, span));
  }
  return areEqual(machine.values, a, b);
}

export function tooLarge(span: Expression['span']): Error {
  return fault(
    'numberSize',
    span,
    'This number is outside -(2^53 - 1) .. 2^53 - 1, where arithmetic is exact. Use smaller numbers.',
  );
}
