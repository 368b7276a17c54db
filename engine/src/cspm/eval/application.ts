/** `f(x, y)`: a call of a function at the top is made directly; any other goes through a function value. */
import type { Expression } from '../syntax.ts';
import type { Compiler } from './compiler.ts';
import { applied, Closure, type FunctionCode, TAIL } from './function.ts';
import type { Code, Frame, Scope } from './scope.ts';

export function compileApply(
  compiler: Compiler,
  expression: Expression & { kind: 'apply' },
  scope: Scope,
  tail: boolean,
): Code {
  const { machine } = compiler;
  const { span } = expression;
  const args = expression.arguments.map((argument) => compiler.delayed(argument, scope));
  const code = declaredFunction(expression.function, scope);
  if (code !== undefined && code.listLengths.length === 1 && code.parameterCount === args.length) {
    return compileDirectCall(compiler, expression, scope, code, tail);
  }
  const callee = compiler.expression(expression.function, scope);
  return (frame) => {
    const value = callee(frame);
    const given = args.map((argument) => argument(frame));
    if (tail && value instanceof Closure && !value.code.isProcess()) {
      const whole = value.take(given, span);
      if (whole !== undefined) {
        machine.tail = { code: value.code, around: value.around, args: whole, span };
        return TAIL;
      }
    }
    return applied(value, given, span);
  };
}

/** The function that the script declares under a name at the top of a script or module. */
function declaredFunction(expression: Expression, scope: Scope): FunctionCode | undefined {
  if (expression.kind === 'paren') return declaredFunction(expression.inner, scope);
  if (expression.kind !== 'name') return undefined;
  const binding = scope.find(expression.name.parts);
  return binding?.kind === 'global' ? binding.codeOf : undefined;
}

const NOTHING_CAPTURED: Frame = [];

/** A call of a function at the top, with all its arguments: no function value is made. */
function compileDirectCall(
  compiler: Compiler,
  expression: Expression & { kind: 'apply' },
  scope: Scope,
  code: FunctionCode,
  tail: boolean,
): Code {
  const { machine } = compiler;
  const { span } = expression;
  if (code.isProcess()) {
    const args = expression.arguments.map((argument) => compiler.expression(argument, scope));
    return (frame) => {
      const given = args.map((argument) => argument(frame));
      return machine.values.process(code.call(machine, code.name, NOTHING_CAPTURED, given, span));
    };
  }
  const args = expression.arguments.map((argument) => compiler.delayed(argument, scope));
  if (tail) {
    return (frame) => {
      machine.tail = { code, around: NOTHING_CAPTURED, args: args.map((argument) => argument(frame)), span };
      return TAIL;
    };
  }
  return (frame) =>
    code.invoke(
      machine,
      NOTHING_CAPTURED,
      args.map((argument) => argument(frame)),
      span,
    );
}
