/**
 * `let … within e`.
 *
 * All declarations of one `let` share a frame, so they may refer to each other. What a name stands for is told by the place of the `let`, the
 * values it captured and the name, so a process that is declared here has the same identity each time the same values are captured.
 */
import type { Declaration, Expression } from '../syntax.ts';
import { fault } from './codes.ts';
import type { Compiler } from './compiler.ts';
import { Closure, FunctionCode } from './function.ts';
import { compilePattern } from './pattern.ts';
import { type Code, type Frame, type Local, type Scope, Unit } from './scope.ts';
import { localShapes, namesOf, plainName, type Shape } from './shape.ts';
import { force, Thunk } from './thunk.ts';
import type { Slot, Value } from './value.ts';

/** Makes the slot of one declared name in a frame of the group; `identity` tells the group from others. */
type Make = (group: Frame, identity: () => string) => Slot;

interface Member {
  readonly inGroup: Local;
  readonly make: Make;
}

export function compileLet(
  compiler: Compiler,
  expression: Expression & { kind: 'let' },
  around: Scope,
  tail: boolean,
): Code {
  const { machine } = compiler;
  const group = new Unit(around.unit);
  const members = compileGroup(compiler, expression.declarations, around.inner(group));
  const scope = around.inner();
  const slots = members.map(({ inGroup, name }) => ({
    from: inGroup.slot,
    to: scope.declare(name, inGroup.shape).slot,
  }));
  const body = compiler.expression(expression.body, scope, tail);
  const site = machine.site();
  return (frame) => {
    const own = group.enter(frame);
    let identity: string | undefined;
    const identify = (): string => {
      identity ??= `let ${site}[${group.captures.map(({ to }) => machine.values.keyOfSlot(own[to]!)).join()}]`;
      return identity;
    };
    for (const { inGroup, make } of members) own[inGroup.slot] = make(own, identify);
    for (const { from, to } of slots) frame[to] = own[from]!;
    return body(frame);
  };
}

/** Declares all names first, then compiles what they stand for. */
function compileGroup(
  compiler: Compiler,
  declarations: readonly Declaration[],
  scope: Scope,
): (Member & { readonly name: string })[] {
  const shapes = localShapes(declarations, compiler.shapes(scope));
  const lazily = (name: string): Shape => shapes([name]);
  const makers: { name: string; inGroup: Local; compile: () => Make }[] = [];
  const declare = (name: string, compile: () => Make): void => {
    makers.push({ name, inGroup: scope.declare(name, lazily(name)), compile });
  };
  for (const declaration of declarations) {
    switch (declaration.kind) {
      case 'function':
        declare(declaration.name.name, () => makeFunction(compiler, declaration, scope));
        break;
      case 'pattern': {
        const name = plainName(declaration.pattern);
        if (name !== undefined) declare(name, () => makeConstant(compiler, name, declaration, scope));
        else declareParts(compiler, declaration, scope, declare);
        break;
      }
      case 'annotation':
        break;
      case 'transparent':
      case 'external':
        // They name functions of the language, which are in scope anyway.
        break;
      default:
        throw fault(
          'unsupported',
          declaration.span,
          `A ${declaration.kind} cannot be declared inside \`let\`. Declare it at the top of the script.`,
        );
    }
  }
  return makers.map(({ name, inGroup, compile }) => ({ name, inGroup, make: compile() }));
}

function makeFunction(compiler: Compiler, declaration: Declaration & { kind: 'function' }, scope: Scope): Make {
  const name = declaration.name.name;
  const { machine } = compiler;
  let shape = compiler.shapes(scope)([name]);
  for (let i = 0; i < declaration.clauses[0]!.parameters.length && shape.is === 'function'; i++) shape = shape.result();
  const isProcess = shape.is === 'process';
  const code = new FunctionCode(compiler, name, declaration.span, declaration.clauses, scope, () => isProcess);
  code.prepare();
  return (group, identity) => new Closure(machine, code, group, () => `${identity()}.${name}`);
}

function makeConstant(
  compiler: Compiler,
  name: string,
  declaration: Declaration & { kind: 'pattern' },
  scope: Scope,
): Make {
  const { machine } = compiler;
  const { span } = declaration;
  const unit = new Unit(scope.unit);
  const isProcess = compiler.shapes(scope)([name]).is === 'process';
  const inner = scope.inner(unit);
  if (isProcess) {
    const body = compiler.process(declaration.body, inner);
    return (group, identity) => {
      const key = (): string => `${identity()}.${name}`;
      const call = (): Value => {
        const unfold = () => machine.budget.demand(span, () => body(unit.enter(group)));
        return machine.values.process(machine.terms.call(key(), unfold, { name, span }));
      };
      return new Thunk(span, name, call, key);
    };
  }
  const body = compiler.expression(declaration.body, inner);
  return (group, identity) =>
    new Thunk(
      span,
      name,
      () => body(unit.enter(group)),
      () => `${identity()}.${name}`,
    );
}

function declareParts(
  compiler: Compiler,
  declaration: Declaration & { kind: 'pattern' },
  scope: Scope,
  declare: (name: string, compile: () => Make) => void,
): void {
  const { span } = declaration;
  const parts = compileParts(compiler, declaration, scope);
  for (const name of parts.names) {
    declare(name, () => {
      const part = parts.compile(name);
      return (group, identity) =>
        new Thunk(
          span,
          name,
          () => part(group),
          () => `${identity()}.${name}`,
        );
    });
  }
}

/** `(x, y) = e`: the whole is evaluated and matched once for a frame around it, and each name takes its part. */
export function compileParts(
  compiler: Compiler,
  { span, pattern, body }: Declaration & { kind: 'pattern' },
  scope: Scope,
): { readonly names: readonly string[]; compile(name: string): Code } {
  const unit = new Unit(scope.unit);
  const inner = scope.inner(unit);
  const match = compilePattern(compiler.machine.values, pattern, inner);
  const names = namesOf(pattern).filter((name) => inner.own(name)?.kind === 'local');
  const matched = new WeakMap<Frame, Frame>();
  let code: Code | undefined;
  return {
    names,
    compile(name) {
      const at = (inner.own(name) as Local).slot;
      // The names of the pattern mean those of the group here, not the slots the matcher fills.
      code ??= compiler.expression(body, scope.inner(unit));
      return (around) => {
        let own = matched.get(around);
        if (own === undefined) {
          own = unit.enter(around);
          if (!match(code!(own), own)) {
            throw fault('noMatch', span, 'The value on the right does not fit the pattern on the left.');
          }
          matched.set(around, own);
        }
        return force(own[at]!);
      };
    },
  };
}
