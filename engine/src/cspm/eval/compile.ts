/** Expressions compiled to closures. Every name is resolved here, once; running the code only reads slots. */

import type { EventSet, Process } from '../../csp/index.ts';
import type { Expression, QualifiedName } from '../syntax.ts';
import { compileApply } from './application.ts';
import { compileBinary, tooLarge } from './binary.ts';
import { DELAYED_CALLS } from './budget.ts';
import { isCheap, variablesOf } from './cheap.ts';
import { fault } from './codes.ts';
import type { Compiler } from './compiler.ts';
import { dottedAll } from './dots.ts';
import { cardinality, completions } from './extent.ts';
import { Closure, FunctionCode } from './function.ts';
import { compileLet } from './let.ts';
import type { Machine } from './machine.ts';
import { nearest } from './nearest.ts';
import { compileProcess } from './process.ts';
import { type Code, type Frame, type Scope, Unit } from './scope.ts';
import { integersBetween, itemsOf, union } from './sets.ts';
import { type Shapes, UNKNOWN } from './shape.ts';
import { compileEach, compileWays } from './statement.ts';
import { elementsOf, Stream, streamOf } from './stream.ts';
import { force, Thunk } from './thunk.ts';
import type { SetValue, Slot, Value } from './value.ts';
import { settle } from './values.ts';

export function compilerFor(machine: Machine): Compiler {
  const compiler: Compiler = {
    machine,
    expression: (expression, scope, tail = false) => compileExpression(compiler, expression, scope, tail),
    delayed: (expression, scope) => compileDelayed(compiler, expression, scope),
    process(expression, scope): (frame: Frame) => Process {
      const code = compiler.expression(expression, scope);
      const { span } = expression;
      return (frame) => machine.process(code(frame), span);
    },
    events(expression, scope): (frame: Frame) => EventSet {
      const code = compiler.expression(expression, scope);
      const { span } = expression;
      return (frame) => machine.events(code(frame), span);
    },
    shapes: (scope) => shapesIn(scope),
  };
  return compiler;
}

function shapesIn(scope: Scope): Shapes {
  return (parts) => {
    const binding = scope.find(parts);
    if (binding === undefined || binding.kind === 'module') return UNKNOWN;
    return binding.kind === 'local' ? binding.shape : binding.shape();
  };
}

function compileExpression(compiler: Compiler, expression: Expression, scope: Scope, tail: boolean): Code {
  const { machine } = compiler;
  const { values } = machine;
  const { span } = expression;
  const compile = (e: Expression): Code => compiler.expression(e, scope);

  switch (expression.kind) {
    case 'number': {
      const value = Number(expression.value);
      if (!Number.isSafeInteger(value)) throw tooLarge(span);
      return () => value;
    }
    case 'boolean': {
      const { value } = expression;
      return () => value;
    }
    case 'char': {
      const value = values.char(expression.value);
      return () => value;
    }
    case 'string': {
      const value = values.string(expression.value);
      return () => value;
    }
    case 'paren':
      return compiler.expression(expression.inner, scope, tail);
    case 'name':
      return compileName(expression.name, scope);
    case 'apply':
      return compileApply(compiler, expression, scope, tail);
    case 'binary':
      return compileBinary(compiler, expression, scope);
    case 'negate': {
      const operand = compile(expression.operand);
      return (frame) => 0 - machine.number(operand(frame), span);
    }
    case 'not': {
      const operand = compile(expression.operand);
      return (frame) => !machine.boolean(operand(frame), expression.operand.span);
    }
    case 'length': {
      const operand = compile(expression.operand);
      return (frame) => itemsOf(machine.sequence(operand(frame), expression.operand.span)).length;
    }
    case 'dot': {
      const [first, ...rest] = operandsOfDot(expression);
      const base = compile(first!);
      const items = rest.map(compile);
      return (frame) =>
        dottedAll(
          values,
          span,
          base(frame),
          items.map((item) => item(frame)),
        );
    }
    case 'tuple': {
      const items = expression.elements.map(compile);
      return (frame) => values.tuple(items.map((item) => item(frame)));
    }
    case 'sequence': {
      const items = expression.elements.map(compile);
      return (frame) => values.sequence(items.map((item) => item(frame)));
    }
    case 'set': {
      const items = expression.elements.map(compile);
      return (frame) => values.set(items.map((item) => item(frame)));
    }
    case 'setRange': {
      const low = compile(expression.low);
      const high = expression.high && compile(expression.high);
      return (frame) => {
        const from = machine.number(low(frame), expression.low.span);
        if (high === undefined) return values.symbolic({ of: 'from', low: from });
        return integersBetween(values, span, from, machine.number(high(frame), expression.high!.span));
      };
    }
    case 'sequenceRange': {
      const low = compile(expression.low);
      const high = expression.high && compile(expression.high);
      return (frame) => {
        const from = machine.number(low(frame), expression.low.span);
        const to = high === undefined ? Number.POSITIVE_INFINITY : machine.number(high(frame), expression.high!.span);
        return count(machine, span, from, to);
      };
    }
    case 'setComprehension': {
      const inner = scope.inner();
      const each = compileEach(compiler, expression.statements, inner);
      const elements = expression.elements.map((e) => compiler.expression(e, inner));
      return (frame) => {
        const found: Value[] = [];
        each(frame, (f) => {
          for (const element of elements) found.push(element(f));
        });
        return values.set(found);
      };
    }
    case 'setRangeComprehension': {
      const inner = scope.inner();
      const each = compileEach(compiler, expression.statements, inner);
      const range = compiler.expression({ span, kind: 'setRange', low: expression.low, high: expression.high }, inner);
      return (frame) => {
        const parts: SetValue[] = [];
        each(frame, (f) => parts.push(machine.set(range(f), span)));
        return union(values, span, [values.emptySet, ...parts]);
      };
    }
    case 'productions': {
      const inner = scope.inner();
      const each = compileEach(compiler, expression.statements, inner);
      const elements = expression.elements.map((e) => ({ code: compiler.expression(e, inner), span: e.span }));
      return (frame) => {
        const parts: SetValue[] = [];
        each(frame, (f) => {
          for (const element of elements) parts.push(productionsOf(machine, element.code(f), element.span));
        });
        return parts.length === 1 ? parts[0]! : union(values, span, [values.emptySet, ...parts]);
      };
    }
    case 'sequenceComprehension':
    case 'sequenceRangeComprehension': {
      const unit = new Unit(scope.unit);
      const inner = scope.inner(unit);
      const ways = compileWays(compiler, expression.statements, inner);
      const isRange = 'low' in expression;
      const elements = isRange
        ? [compiler.expression({ span, kind: 'sequenceRange', low: expression.low, high: expression.high }, inner)]
        : expression.elements.map((e) => compiler.expression(e, inner));
      return (frame) => {
        const own = unit.enter(frame);
        function* items(): Generator<Value> {
          for (const _ of ways(own)) {
            for (const element of elements) {
              if (isRange) yield* elementsOf(machine.sequence(element(own), span));
              else yield element(own);
            }
          }
        }
        return streamOf(values, span, items());
      };
    }
    case 'map': {
      const entries = expression.entries.map(({ key, value }) => [compile(key), compile(value)] as const);
      return (frame) => values.map(entries.map(([key, value]) => [key(frame), value(frame)] as const));
    }
    case 'lambda': {
      const clause = { span, parameters: [expression.parameters], body: expression.body };
      const shown = expression.parameters.map((p) => (p.kind === 'name' ? p.name.parts.join('::') : '_')).join(', ');
      const unit = new Unit(scope.unit);
      const code = new FunctionCode(compiler, `\\${shown} @ …`, span, [clause], scope.inner(unit), () => false);
      code.prepare();
      const site = machine.site();
      return (frame) => {
        const own = unit.enter(frame);
        return new Closure(machine, code, own, () => `\\${site}[${keyOfCaptures(machine, unit, own)}]`);
      };
    }
    case 'let':
      return compileLet(compiler, expression, scope, tail);
    case 'if': {
      const condition = compile(expression.condition);
      const consequent = compiler.expression(expression.consequent, scope, tail);
      const alternative = compiler.expression(expression.alternative, scope, tail);
      const conditionSpan = expression.condition.span;
      return (frame) => (machine.boolean(condition(frame), conditionSpan) ? consequent(frame) : alternative(frame));
    }
    default: {
      const process = compileProcess(compiler, expression, scope);
      return (frame) => values.process(process(frame));
    }
  }
}

/** The captured variables of a unit, told from others. */
export function keyOfCaptures(machine: Machine, unit: Unit, own: Frame): string {
  return unit.captures.map(({ to }) => machine.values.keyOfSlot(own[to]!)).join();
}

function compileName(name: QualifiedName, scope: Scope): Code {
  const binding = scope.find(name.parts);
  if (binding === undefined || binding.kind === 'module') throw unknownName(name, scope);
  if (binding.kind === 'local') {
    const at = scope.unit.reach(binding);
    return (frame) => {
      const slot = frame[at]!;
      return slot instanceof Thunk ? slot.force() : slot;
    };
  }
  return () => force(binding.slot());
}

function unknownName(name: QualifiedName, scope: Scope): Error {
  const text = name.parts.join('::');
  const known = nearest(text, scope.names());
  if (known === undefined) return fault('unknownName', name.span, `${text} is not defined.`);
  return fault('unknownName', name.span, `${text} is not defined. Did you mean ${known}?`, {
    title: `write \`${known}\``,
    span: name.span,
    replacement: known,
  });
}

/** A name or argument passed on as it is, or evaluated at once when that is safe, or delayed. */
function compileDelayed(compiler: Compiler, expression: Expression, scope: Scope): (frame: Frame) => Slot {
  if (expression.kind === 'paren') return compileDelayed(compiler, expression.inner, scope);
  if (expression.kind === 'name') {
    const binding = scope.find(expression.name.parts);
    if (binding?.kind === 'local') {
      const at = scope.unit.reach(binding);
      return (frame) => frame[at]!;
    }
    if (binding?.kind === 'global') return binding.slot;
    throw unknownName(expression.name, scope);
  }
  if (expression.kind === 'lambda') return compiler.expression(expression, scope);
  const unit = new Unit(scope.unit);
  const code = compiler.expression(expression, scope.inner(unit));
  const { span } = expression;
  const { budget } = compiler.machine;
  let attempts = ATTEMPTS_MAX;
  const later = (frame: Frame): Slot => {
    compiler.machine.budget.step(span, DELAYED_CALLS);
    const own = unit.enter(frame);
    const rank = rankOf(own);
    if (rank < RANK_MAX || attempts === 0) return new Thunk(span, 'this argument', () => code(own), undefined, rank);
    // An accumulator, `f(e, x)` in a fold: it would be as deep as the fold is long when it is asked for.
    const thunk = new Thunk(span, 'this argument', () => code(own));
    const value = budget.attempt(() => thunk.force());
    if (value === undefined) attempts--;
    return value ?? thunk;
  };
  if (!isCheap(expression)) return later;
  // Arithmetic on variables that are known already is done now: a counter must not become a chain of delayed additions.
  const variables = variablesOf(expression, scope);
  const now = compiler.expression(expression, scope);
  return (frame) => {
    for (const at of variables) {
      const slot = frame[at];
      if (slot instanceof Thunk && !slot.isDone) return later(frame);
    }
    return now(frame);
  };
}

/** Thunks that may wait one within the other before the innermost are evaluated ahead of need, where that succeeds. */
const RANK_MAX = 32;
/** Attempts that may fail at one place in the script. */
const ATTEMPTS_MAX = 3;

function rankOf(frame: Frame): number {
  let rank = 0;
  for (const slot of frame) if (slot instanceof Thunk && !slot.isDone && slot.rank >= rank) rank = slot.rank + 1;
  return rank;
}

function operandsOfDot(expression: Expression): Expression[] {
  return expression.kind === 'dot'
    ? [...operandsOfDot(expression.left), ...operandsOfDot(expression.right)]
    : [expression];
}

function count(machine: Machine, span: Expression['span'], from: number, to: number): Stream {
  return new Stream(machine.values, span, () =>
    from > to ? undefined : { head: from, tail: count(machine, span, from + 1, to) },
  );
}

/** `{| value |}`. */
export function productionsOf(machine: Machine, value: Value, span: Expression['span']): SetValue {
  const { values } = machine;
  const settled = settle(value);
  if (typeof settled !== 'object' || settled.kind !== 'tagged') {
    throw machine.wrong('a channel or a datatype constructor', value, span);
  }
  const whole = values.symbolic({ of: 'productions', prefix: settled });
  return isWrittenOut(whole) ? values.set(completions(values, span, settled)) : whole;
}

function isWrittenOut(set: SetValue): boolean {
  return cardinality(set) < Number.POSITIVE_INFINITY;
}
