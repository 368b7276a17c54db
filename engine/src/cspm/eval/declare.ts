/** Declarations at the top of a script or module: each name gets a binding; nothing is evaluated yet. */

import type { Span } from '../../csp/index.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type {
  AssertDeclaration,
  ChannelDeclaration,
  DatatypeDeclaration,
  Declaration,
  Expression,
  FunctionDeclaration,
  Identifier,
  InstanceDeclaration,
  ModuleDeclaration,
  NametypeDeclaration,
  PatternDeclaration,
  PrintDeclaration,
  SubtypeDeclaration,
  TimedSection,
} from '../syntax.ts';
import { fault } from './codes.ts';
import type { Compiler } from './compiler.ts';
import type { Constructor, Datatype } from './constructor.ts';
import { fieldsOfType } from './dots.ts';
import { combinations, completions } from './extent.ts';
import { Closure, FunctionCode } from './function.ts';
import { compileParts } from './let.ts';
import { compilePattern } from './pattern.ts';
import type { Code, Frame, Global, Local, Module, Scope } from './scope.ts';
import { Unit } from './scope.ts';
import { setOf, union } from './sets.ts';
import { constantShape, lazyShape, namesOf, plainName, shapeOf, shapeOfFunction, UNKNOWN, VALUE } from './shape.ts';
import { force, Thunk } from './thunk.ts';
import { timedScope } from './timed.ts';
import type { SetValue, Slot, Value } from './value.ts';

const NOTHING: Frame = [];

/** What the declarations of a script amount to, beside the names. */
export interface Declared {
  readonly constants: Global[];
  readonly constructors: Constructor[];
  readonly asserts: { readonly declaration: AssertDeclaration; readonly scope: Scope }[];
  readonly prints: { readonly declaration: PrintDeclaration; readonly scope: Scope }[];
  readonly diagnostics: Diagnostic[];
}

export class Declarer {
  readonly #compiler: Compiler;
  readonly #declared: Declared;
  #order = 0;

  constructor(compiler: Compiler, declared: Declared) {
    this.#compiler = compiler;
    this.#declared = declared;
  }

  /** Binds the declarations in `scope`; `prefix` is the name of the module around them, with `::`. */
  declare(declarations: readonly Declaration[], scope: Scope, prefix = ''): void {
    for (const declaration of declarations) {
      switch (declaration.kind) {
        case 'function':
          this.#function(declaration, scope, prefix);
          break;
        case 'pattern':
          this.#pattern(declaration, scope, prefix);
          break;
        case 'channel':
          this.#channels(declaration, scope, prefix);
          break;
        case 'datatype':
          this.#datatype(declaration, scope, prefix);
          break;
        case 'subtype':
          this.#subtype(declaration, scope, prefix);
          break;
        case 'nametype':
          this.#nametype(declaration, scope, prefix);
          break;
        case 'module':
          this.#module(declaration, scope, prefix);
          break;
        case 'instance':
          this.#instance(declaration, scope, prefix);
          break;
        case 'transparent':
        case 'external':
          for (const name of declaration.names) this.#alias(name, scope);
          break;
        case 'assert':
          this.#declared.asserts.push({ declaration, scope });
          break;
        case 'print':
          this.#declared.prints.push({ declaration, scope });
          break;
        case 'timed':
          this.#timed(declaration, scope, prefix);
          break;
        case 'annotation':
          break;
        default:
          declaration satisfies never;
      }
    }
  }

  #define(binding: Global | Module, { name, span }: Identifier, scope: Scope): void {
    if (scope.own(name) !== undefined) {
      this.#report(span, 'duplicateName', `${name} is declared twice. Give one of them another name.`);
      return;
    }
    scope.define(name, binding);
  }

  #report(span: Span, code: Parameters<typeof fault>[0], message: string): void {
    this.#declared.diagnostics.push(fault(code, span, message).diagnostic);
  }

  #function(declaration: FunctionDeclaration, scope: Scope, prefix: string): void {
    const compiler = this.#compiler;
    const name = prefix + declaration.name.name;
    const shape = lazyShape(() => shapeOfFunction(declaration, compiler.shapes(scope)));
    const isProcess = (): boolean => {
      let result = shape();
      for (let i = code.listLengths.length; i > 0 && result.is === 'function'; i--) result = result.result();
      return result.is === 'process';
    };
    const code: FunctionCode = new FunctionCode(
      compiler,
      name,
      declaration.span,
      declaration.clauses,
      scope,
      isProcess,
    );
    const closure = new Closure(compiler.machine, code, NOTHING, () => name);
    this.#define({ kind: 'global', name, shape, slot: () => closure, codeOf: code }, declaration.name, scope);
  }

  #pattern(declaration: PatternDeclaration, scope: Scope, prefix: string): void {
    const { machine } = this.#compiler;
    const { span, pattern } = declaration;
    const plain = plainName(pattern);
    if (plain !== undefined) {
      const name = prefix + plain;
      const shape = constantShape(() => shapeOf(declaration.body, this.#compiler.shapes(scope)));
      const global = this.#constant(name, span, shape, declaration.body, scope);
      this.#declared.constants.push(global);
      this.#define(global, { name: plain, span: pattern.span }, scope);
      return;
    }
    // Whether a name in the pattern is a constructor can be told only when all declarations are bound.
    let parts: ReturnType<typeof compileParts> | undefined;
    for (const bound of namesOf(pattern)) {
      if (scope.own(bound)?.kind === 'global') continue;
      const thunk = new Thunk(span, bound, () => {
        parts ??= compileParts(this.#compiler, declaration, scope);
        return machine.budget.demand(span, () => parts!.compile(bound)(NOTHING));
      });
      scope.define(bound, { kind: 'global', name: prefix + bound, shape: () => UNKNOWN, slot: () => thunk });
    }
  }

  /** `name = body`, evaluated when first asked for; a process is a call. */
  #constant(name: string, span: Span, shape: Global['shape'], body: Expression, scope: Scope): Global {
    const { machine } = this.#compiler;
    let code: Code | undefined;
    const run = (): Value => {
      code ??= this.#compiler.expression(body, scope);
      return code(new Unit(undefined).enter(NOTHING));
    };
    const thunk = new Thunk(span, name, () => {
      if (shape().is !== 'process') return run();
      const unfold = () => machine.budget.demand(span, () => machine.process(run(), body.span));
      return machine.values.process(machine.terms.call(name, unfold, { name, span }));
    });
    return { kind: 'global', name, shape, slot: () => thunk };
  }

  // ── Types ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #channels(declaration: ChannelDeclaration, scope: Scope, prefix: string): void {
    for (const name of declaration.names) {
      this.#head(name, prefix, declaration.type, undefined, scope);
    }
  }

  #datatype(declaration: DatatypeDeclaration, scope: Scope, prefix: string): void {
    const { machine } = this.#compiler;
    const constructors: Constructor[] = [];
    const datatype: Datatype = { name: prefix + declaration.name.name, order: this.#order++, constructors };
    for (const { name, type } of declaration.constructors) {
      constructors.push(this.#head(name, prefix, type, datatype, scope));
    }
    const all = new Thunk(declaration.span, datatype.name, () =>
      setOf(machine.values, declaration.span, { of: 'datatype', datatype }),
    );
    const { name } = datatype;
    this.#define(
      { kind: 'global', name, shape: () => VALUE, slot: () => all, datatypeOf: datatype },
      declaration.name,
      scope,
    );
  }

  #head(
    identifier: Identifier,
    prefix: string,
    type: Expression | undefined,
    datatype: Datatype | undefined,
    scope: Scope,
  ): Constructor {
    const { machine } = this.#compiler;
    const name = prefix + identifier.name;
    let isOpen = false;
    let fields: readonly SetValue[] | undefined;
    const head: Constructor = {
      name,
      span: identifier.span,
      isChannel: datatype === undefined,
      order: this.#order++,
      datatype,
      isOpen: () => isOpen,
      fields: () => {
        if (fields !== undefined) return fields;
        if (isOpen) {
          const message = `The type of ${name} needs its own values. Use it only as a field, as in ${name}.T.`;
          throw fault('dependsOnItself', identifier.span, message);
        }
        isOpen = true;
        try {
          fields = type === undefined ? [] : this.#fields(type, scope);
          return fields;
        } finally {
          isOpen = false;
        }
      },
    };
    this.#declared.constructors.push(head);
    const bare = new Thunk(identifier.span, name, () => machine.values.tagged(head, []));
    this.#define(
      { kind: 'global', name, shape: () => VALUE, slot: () => bare, constructorOf: head },
      identifier,
      scope,
    );
    return head;
  }

  /** The sets that a type expression stands for, one a field. */
  #fields(type: Expression, scope: Scope): readonly SetValue[] {
    const { machine } = this.#compiler;
    const { values } = machine;
    switch (type.kind) {
      case 'paren':
        return this.#fields(type.inner, scope);
      case 'dot':
        return [...this.#fields(type.left, scope), ...this.#fields(type.right, scope)];
      case 'tuple':
        return [setOf(values, type.span, { of: 'tuples', factors: type.elements.map((e) => this.#type(e, scope)) })];
      case 'name': {
        const binding = scope.find(type.name.parts);
        // A datatype stays symbolic here, since it may be the one that is being declared.
        if (binding?.kind === 'global' && binding.datatypeOf !== undefined) {
          return [values.symbolic({ of: 'datatype', datatype: binding.datatypeOf })];
        }
      }
    }
    const code = this.#compiler.expression(type, scope);
    return fieldsOfType(values, type.span, machine.set(code(new Unit(undefined).enter(NOTHING)), type.span));
  }

  #type(type: Expression, scope: Scope): SetValue {
    const fields = this.#fields(type, scope);
    if (fields.length === 1) return fields[0]!;
    return setOf(this.#compiler.machine.values, type.span, { of: 'dots', factors: fields });
  }

  #subtype(declaration: SubtypeDeclaration, scope: Scope, prefix: string): void {
    const { machine } = this.#compiler;
    const { values } = machine;
    const thunk = new Thunk(declaration.span, declaration.name.name, () => {
      const parts = declaration.constructors.map(({ name, type, span }): SetValue => {
        const binding = scope.find([name.name]);
        const head = binding?.kind === 'global' ? binding.constructorOf : undefined;
        if (head === undefined) throw fault('unknownName', name.span, `${name.name} is no constructor of a datatype.`);
        const rows = type === undefined ? [[]] : combinations(values, span, this.#fields(type, scope));
        return values.set(rows.flatMap((fields) => completions(values, span, values.tagged(head, fields))));
      });
      return union(values, declaration.span, [values.emptySet, ...parts]);
    });
    const name = prefix + declaration.name.name;
    this.#define({ kind: 'global', name, shape: () => VALUE, slot: () => thunk }, declaration.name, scope);
  }

  #nametype(declaration: NametypeDeclaration, scope: Scope, prefix: string): void {
    const { name } = declaration.name;
    const thunk = new Thunk(declaration.span, name, () => {
      const { values } = this.#compiler.machine;
      const set = this.#type(declaration.type, scope);
      return set.kind === 'symbolic' ? setOf(values, declaration.span, set.shape) : set;
    });
    this.#define(
      { kind: 'global', name: prefix + name, shape: () => VALUE, slot: () => thunk },
      declaration.name,
      scope,
    );
  }

  /** The names of a timed section belong to the scope around it. */
  #timed(section: TimedSection, scope: Scope, prefix: string): void {
    const inside = timedScope(this.#compiler, section, scope);
    const given = new Set(inside.ownNames());
    this.declare(section.declarations, inside, prefix);
    for (const name of inside.ownNames()) {
      if (given.has(name)) continue;
      if (scope.own(name) === undefined) scope.define(name, inside.own(name)!);
      else this.#report(section.span, 'duplicateName', `${name} is declared twice. Give one of them another name.`);
    }
  }

  // ── Modules ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #module(declaration: ModuleDeclaration, scope: Scope, prefix: string): void {
    const name = prefix + declaration.name.name;
    const exported = declaration.parameters.length === 0 ? scope.inner() : undefined;
    this.#define({ kind: 'module', name, exported, declaration, around: scope }, declaration.name, scope);
    if (exported !== undefined) this.#content(declaration, scope.inner(), exported, name);
  }

  /** Declares the content of a module in `inside`, and what it exports in `exported` too. */
  #content(declaration: ModuleDeclaration, inside: Scope, exported: Scope, name: string): void {
    this.declare(declaration.hidden, inside, `${name}::`);
    const hidden = new Set(inside.ownNames());
    this.declare(declaration.exported, inside, `${name}::`);
    for (const own of inside.ownNames()) if (!hidden.has(own)) exported.define(own, inside.own(own)!);
  }

  /** An instance is its module declared anew, under another name and with the parameters bound. */
  #instance(declaration: InstanceDeclaration, scope: Scope, prefix: string): void {
    const { span } = declaration;
    const binding = scope.find(declaration.module.parts);
    const written = declaration.module.parts.join('::');
    if (binding?.kind !== 'module') {
      this.#report(declaration.module.span, 'unknownName', `${written} is not a module.`);
      return;
    }
    const module = binding.declaration;
    if (module.parameters.length !== declaration.arguments.length) {
      const counts = `${module.parameters.length} arguments, and ${declaration.arguments.length} are given`;
      this.#report(span, 'argumentCount', `Module ${written} takes ${counts}.`);
      return;
    }
    const name = prefix + declaration.name.name;
    const exported = scope.inner();
    const around = binding.around.inner();
    module.parameters.forEach((pattern, i) => {
      this.#parameter(pattern, declaration.arguments[i]!, scope, around, name);
    });
    this.#define(
      { kind: 'module', name, exported, declaration: { ...module, parameters: [] }, around },
      declaration.name,
      scope,
    );
    this.#content(module, around.inner(), exported, name);
  }

  /** Binds the names of a module's parameter in `inside` to the argument, which is evaluated in `outside`. */
  #parameter(
    pattern: ModuleDeclaration['parameters'][number],
    argument: Expression,
    outside: Scope,
    inside: Scope,
    prefix: string,
  ): void {
    const { machine } = this.#compiler;
    const plain = plainName(pattern);
    if (plain !== undefined) {
      const shape = constantShape(() => shapeOf(argument, this.#compiler.shapes(outside)));
      inside.define(plain, this.#constant(`${prefix}(${plain})`, argument.span, shape, argument, outside));
      return;
    }
    const unit = new Unit(undefined);
    const local = inside.inner(unit);
    const match = compilePattern(machine.values, pattern, local);
    const matched = new Thunk(argument.span, 'this argument', () => {
      const code = this.#compiler.expression(argument, outside);
      return code(new Unit(undefined).enter(NOTHING));
    });
    for (const name of namesOf(pattern)) {
      const own = local.own(name) as Local | undefined;
      if (own === undefined) continue;
      const slot: Slot = new Thunk(argument.span, name, () => {
        const frame = unit.enter(NOTHING);
        if (match(matched, frame)) return force(frame[own.slot]!);
        throw fault('noMatch', argument.span, 'This argument does not fit the parameter of the module.');
      });
      inside.define(name, { kind: 'global', name: `${prefix}(${name})`, shape: () => UNKNOWN, slot: () => slot });
    }
  }

  /** `transparent normal`: the function is in scope anyway, but a module may export its name. */
  #alias({ name, span }: Identifier, scope: Scope): void {
    const binding = scope.find([name]);
    if (binding === undefined) {
      this.#report(span, 'unknownName', `There is no function ${name} to import. Remove it, or check its spelling.`);
    } else if (scope.own(name) === undefined) scope.define(name, binding);
  }
}
