/**
 * Names: every use is tied to its binding, every declaration to those it uses.
 *
 * Declarations of one list see each other, in any order; labels (channels and constructors) are entered first, because a pattern that
 * names a label matches it, and any other name in a pattern is a new variable. Expressions wait in a queue with their scope, so that
 * scripts nested deeply need no deep stack.
 */
import type { Span } from '../../csp/index.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Dialect } from '../dialect.ts';
import type {
  Declaration,
  Expression,
  Field,
  Identifier,
  InstanceDeclaration,
  Link,
  ModuleDeclaration,
  Pattern,
  QualifiedName,
  RenamingPair,
  Script,
  Statement,
  TypeAnnotation,
  TypeExpression,
} from '../syntax.ts';
import { BUILT_IN, EXTERNAL_FUNCTIONS, TIMED_NAMES, TRANSPARENT_FUNCTIONS } from './built-in.ts';
import type { TypeCode } from './codes.ts';
import { nearest } from './nearest.ts';
import { namesIn } from './patterns.ts';
import {
  type Annotation,
  type Binding,
  binding,
  type Module,
  type NamedVariable,
  Scope,
  type TypeName,
  type Unit,
} from './scope.ts';
import { freeVariables, NAMED_ATOMS, TYPE_CLASSES, type Type } from './type.ts';

export interface Resolution {
  readonly units: readonly Unit[];
  /** What each name in an expression, pattern or declaration stands for. */
  readonly bindings: ReadonlyMap<object, Binding>;
  /** The declarations of each `let`. */
  readonly lets: ReadonlyMap<Expression, readonly Unit[]>;
  /** What each name in a type annotation stands for. */
  readonly typeNames: ReadonlyMap<TypeExpression, TypeName>;
  /** The event `tock` of each timed section. */
  readonly tocks: ReadonlyMap<Declaration, Binding>;
  readonly top: Scope;
  readonly diagnostics: readonly Diagnostic[];
}

export function resolve(script: Script, dialect: Dialect): Resolution {
  return new Resolver(script, dialect).run();
}

/** A declaration list on its way into scope. */
interface Frame {
  /** Where names are entered. */
  readonly scope: Scope;
  /** Where bodies look names up; inside a timed section it knows more than `scope`. */
  readonly inside: Scope;
  readonly list: object;
  readonly parent: Unit | undefined;
  readonly units: Unit[];
  /** `M::` inside module M. */
  readonly prefix: string;
  readonly exports: Set<string> | undefined;
  readonly module: Module | undefined;
  readonly annotations: Map<string, TypeAnnotation>;
}

type Stage = 'modules' | 'labels' | 'values' | 'bodies';
const STAGES: readonly Stage[] = ['modules', 'labels', 'values', 'bodies'];

/** The binding of a name that was not found: it fits everywhere. */
const UNKNOWN: Binding = { ...binding('?', 'value', undefined), poisoned: true };

const BUILT_IN_SCOPE = new Scope(undefined);
for (const [name, type] of BUILT_IN) BUILT_IN_SCOPE.names.set(name, builtIn(name, type));
for (const [name, type] of NAMED_ATOMS) BUILT_IN_SCOPE.types.set(name, type);
const TRANSPARENT_BINDINGS = new Map([...TRANSPARENT_FUNCTIONS].map(([name, type]) => [name, builtIn(name, type)]));
const EXTERNAL_BINDINGS = new Map([...EXTERNAL_FUNCTIONS].map(([name, type]) => [name, builtIn(name, type)]));
const TIMED_BINDINGS = new Map([...TIMED_NAMES].map(([name, type]) => [name, builtIn(name, type)]));

function builtIn(name: string, type: Type): Binding {
  return { ...binding(name, 'value', undefined), type, generic: freeVariables(type).size > 0 };
}

class Resolver {
  readonly #script: Script;
  readonly #dialect: Dialect;
  readonly #top = new Scope(BUILT_IN_SCOPE);
  readonly #bindings = new Map<object, Binding>();
  readonly #lets = new Map<Expression, readonly Unit[]>();
  readonly #typeNames = new Map<TypeExpression, TypeName>();
  readonly #tocks = new Map<Declaration, Binding>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #undefined = new Map<string, { span: Span; places: number; readonly scope: Scope }>();
  readonly #units = new Map<Declaration, Unit>();
  readonly #annotated = new Map<TypeAnnotation, Annotation>();
  readonly #queue: { readonly expression: Expression; readonly scope: Scope; readonly unit: Unit }[] = [];

  constructor(script: Script, dialect: Dialect) {
    this.#script = script;
    this.#dialect = dialect;
  }

  run(): Resolution {
    const units: Unit[] = [];
    this.#declare(this.#script.declarations, this.#frame(this.#top, undefined, units));
    for (let task = this.#queue.pop(); task !== undefined; task = this.#queue.pop()) {
      this.#expression(task.expression, task.scope, task.unit);
    }
    this.#reportUndefined();
    return {
      units,
      bindings: this.#bindings,
      lets: this.#lets,
      typeNames: this.#typeNames,
      tocks: this.#tocks,
      top: this.#top,
      diagnostics: this.#diagnostics,
    };
  }

  #frame(scope: Scope, parent: Unit | undefined, units: Unit[]): Frame {
    return {
      scope,
      inside: scope,
      list: units,
      parent,
      units,
      prefix: '',
      exports: undefined,
      module: undefined,
      annotations: new Map(),
    };
  }

  // Declarations.

  #declare(declarations: readonly Declaration[], frame: Frame): void {
    this.#enterUnits(declarations, frame);
    for (const stage of STAGES) this.#stage(stage, declarations, frame);
  }

  readonly #frames = new Map<Declaration, { readonly hidden: Frame; readonly exported: Frame }>();

  #enterUnits(declarations: readonly Declaration[], frame: Frame): void {
    for (const declaration of declarations) {
      if (declaration.kind === 'annotation') {
        for (const name of declaration.names) frame.annotations.set(name.name, declaration);
        continue;
      }
      const inner: Unit[] = [];
      const unit: Unit = {
        declaration,
        list: frame.list,
        parent: frame.parent,
        bindings: [],
        uses: new Set(),
        annotations: new Map(),
        inner,
        instance: declaration.kind === 'instance' ? { target: UNKNOWN, copies: [] } : undefined,
      };
      this.#units.set(declaration, unit);
      frame.units.push(unit);
      frame.module?.units.push(unit);
      if (declaration.kind === 'module') this.#enterModule(declaration, unit, frame);
      if (declaration.kind === 'timed') {
        const inside = new Scope(frame.inside);
        for (const [name, each] of TIMED_BINDINGS) {
          if (name === 'WAIT' || name === 'timed_priority' || frame.inside.find(name) === undefined)
            inside.names.set(name, each);
        }
        const timed: Frame = { ...frame, inside };
        this.#frames.set(declaration, { hidden: timed, exported: timed });
        this.#enterUnits(declaration.declarations, timed);
      }
    }
  }

  #enterModule(declaration: ModuleDeclaration, unit: Unit, frame: Frame): void {
    const needsInstance = declaration.parameters.length > 0;
    const scope = new Scope(needsInstance ? new Scope(frame.inside) : frame.inside);
    const module: Module = {
      name: frame.prefix + declaration.name.name,
      parameters: declaration.parameters,
      members: scope.names,
      types: new Map(),
      exported: new Set(),
      needsInstance,
      units: [],
      scope,
    };
    const hidden: Frame = {
      scope,
      inside: scope,
      list: needsInstance ? unit.inner : frame.list,
      parent: needsInstance ? unit : frame.parent,
      units: needsInstance ? unit.inner : frame.units,
      prefix: `${module.name}::`,
      exports: undefined,
      module,
      annotations: new Map(),
    };
    const exported: Frame = { ...hidden, exports: module.exported };
    this.#frames.set(declaration, { hidden, exported });
    this.#bindings.set(declaration.name, this.#binding(declaration.name, 'module', unit, frame, module));
    this.#enterUnits(declaration.hidden, hidden);
    this.#enterUnits(declaration.exported, exported);
    if (frame.module !== undefined) frame.module.units.push(...module.units);
  }

  #stage(stage: Stage, declarations: readonly Declaration[], frame: Frame): void {
    const later: InstanceDeclaration[] = [];
    for (const declaration of declarations) {
      const unit = this.#units.get(declaration);
      if (unit === undefined) continue;
      if (declaration.kind === 'instance' && stage === 'modules') later.push(declaration);
      else if (stage === 'modules') this.#enterNestedModules(declaration, unit, frame);
      else if (stage === 'labels') this.#enterLabels(declaration, unit, frame);
      else if (stage === 'values') this.#enterValues(declaration, unit, frame);
      else this.#body(declaration, unit, frame);
    }
    for (const instance of later) this.#makeInstance(instance, this.#units.get(instance)!, frame);
  }

  #nested(stage: Stage, declaration: Declaration): void {
    const frames = this.#frames.get(declaration);
    if (frames === undefined) return;
    if (declaration.kind === 'timed') this.#stage(stage, declaration.declarations, frames.hidden);
    if (declaration.kind !== 'module') return;
    this.#stage(stage, declaration.hidden, frames.hidden);
    this.#stage(stage, declaration.exported, frames.exported);
  }

  #enterNestedModules(declaration: Declaration, _unit: Unit, frame: Frame): void {
    if (declaration.kind === 'module') this.#define(declaration.name, this.#bindings.get(declaration.name)!, frame);
    this.#nested('modules', declaration);
  }

  #enterLabels(declaration: Declaration, unit: Unit, frame: Frame): void {
    if (declaration.kind === 'channel') {
      for (const name of declaration.names) this.#define(name, this.#binding(name, 'label', unit, frame), frame);
    } else if (declaration.kind === 'datatype') {
      for (const { name } of declaration.constructors)
        this.#define(name, this.#binding(name, 'label', unit, frame), frame);
    } else if (declaration.kind === 'instance') {
      this.#copyMembers(unit, 'label');
    }
    this.#nested('labels', declaration);
  }

  #enterValues(declaration: Declaration, unit: Unit, frame: Frame): void {
    switch (declaration.kind) {
      case 'function':
      case 'nametype':
      case 'subtype':
        this.#define(declaration.name, this.#binding(declaration.name, 'value', unit, frame), frame);
        break;
      case 'datatype': {
        const made = this.#binding(declaration.name, 'value', unit, frame);
        made.datatype = { name: made.name, comparable: false };
        made.constructors = declaration.constructors.map(({ name }) => this.#bindings.get(name)!);
        this.#define(declaration.name, made, frame);
        frame.scope.types.set(declaration.name.name, { kind: 'declared', binding: made });
        frame.module?.types.set(declaration.name.name, made);
        break;
      }
      case 'pattern':
        this.#pattern(declaration.pattern, frame.inside, unit, (name) => {
          const made = this.#binding(name, 'value', unit, frame);
          this.#define(name, made, frame);
          return made;
        });
        break;
      case 'transparent':
      case 'external':
        for (const name of declaration.names) this.#import(name, declaration.kind, frame);
        break;
      case 'instance':
        this.#copyMembers(unit, 'value');
        break;
    }
    this.#nested('values', declaration);
  }

  #import(name: Identifier, kind: 'transparent' | 'external', frame: Frame): void {
    const table = kind === 'transparent' ? TRANSPARENT_BINDINGS : EXTERNAL_BINDINGS;
    const known = table.get(name.name);
    if (known === undefined) {
      const other = kind === 'transparent' ? 'external' : 'transparent';
      const elsewhere = (kind === 'transparent' ? EXTERNAL_BINDINGS : TRANSPARENT_BINDINGS).has(name.name);
      const meant = elsewhere ? undefined : nearest(name.name, table.keys());
      this.#report(
        'CSP-TYP-013',
        name.span,
        elsewhere
          ? `\`${name.name}\` is not a ${kind} function but an ${other} one: write \`${other} ${name.name}\`.`
          : `There is no ${kind} function \`${name.name}\`${meant === undefined ? '.' : `; did you mean \`${meant}\`?`}`,
        meant,
      );
    }
    const made = known ?? UNKNOWN;
    const before = frame.scope.names.get(name.name);
    if (before !== undefined && before.span === undefined && before.sort === 'value') {
      this.#report('CSP-TYP-018', name.span, `\`${name.name}\` is imported already.`, undefined, 'warning');
      return;
    }
    this.#define(name, made, frame);
  }

  #binding(name: Identifier, sort: Binding['sort'], unit: Unit, frame: Frame, module?: Module): Binding {
    const made = binding(frame.prefix + name.name, sort, name.span, module);
    made.unit = unit;
    unit.bindings.push(made);
    return made;
  }

  #define(name: Identifier, made: Binding, frame: Frame): void {
    this.#bindings.set(name, made);
    const before = frame.scope.names.get(name.name);
    if (before !== undefined) {
      this.#reportTwice(name, before);
      return;
    }
    frame.scope.names.set(name.name, made);
    frame.exports?.add(name.name);
  }

  #reportTwice(name: Identifier, before: Binding): void {
    const where = before.span === undefined ? '' : ` The other definition is at ${placeOf(before.span, name.span)}.`;
    this.#report('CSP-TYP-002', name.span, `\`${name.name}\` is defined twice.${where}`);
  }

  // Modules and instances.

  #makeInstance(declaration: InstanceDeclaration, unit: Unit, frame: Frame): void {
    const target = this.#find(declaration.module, frame.inside, 'module', unit);
    const theirs = target.module;
    const scope = new Scope(frame.inside);
    const ours: Module = {
      name: frame.prefix + declaration.name.name,
      parameters: [],
      members: scope.names,
      types: new Map(),
      exported: new Set(),
      needsInstance: false,
      units: [unit],
      scope,
    };
    const made = this.#binding(declaration.name, 'module', unit, frame, ours);
    this.#define(declaration.name, made, frame);
    if (theirs === undefined) {
      made.poisoned = true;
      return;
    }
    for (let around: Scope | undefined = frame.inside; around !== undefined; around = around.parent) {
      if (around === theirs.scope) {
        this.#report('CSP-TYP-010', declaration.span, `The module \`${theirs.name}\` uses an instance of itself.`);
        made.poisoned = true;
        return;
      }
    }
    const copies: (readonly [Binding, Binding])[] = [];
    Object.assign(unit, { instance: { target, copies } });
    for (const used of theirs.units) this.#use(used, unit);
    this.#copyModules(theirs, ours, unit, copies);
  }

  #copyModules(theirs: Module, ours: Module, unit: Unit, copies: (readonly [Binding, Binding])[]): void {
    for (const [name, member] of theirs.members) {
      if (theirs.exported.has(name)) ours.exported.add(name);
      if (member.module === undefined) continue;
      const scope = new Scope(ours.scope);
      const copied: Module = {
        ...member.module,
        name: `${ours.name}::${name}`,
        members: scope.names,
        types: new Map(),
        exported: new Set(),
        units: [unit],
        scope,
      };
      const made = binding(copied.name, 'module', member.span, copied);
      made.unit = unit;
      made.poisoned = member.poisoned;
      unit.bindings.push(made);
      ours.members.set(name, made);
      copies.push([member, made]);
      this.#copyModules(member.module, copied, unit, copies);
    }
  }

  #copyMembers(unit: Unit, sort: 'label' | 'value'): void {
    const instance = unit.instance;
    const ours = unit.bindings[0]?.module;
    const theirs = instance?.target.module;
    if (instance === undefined || ours === undefined || theirs === undefined) return;
    const copies = instance.copies as (readonly [Binding, Binding])[];
    const copied = new Map<Binding, Binding>(copies);
    const copy = (from: Module, to: Module): void => {
      for (const [name, member] of from.members) {
        if (from.exported.has(name)) to.exported.add(name);
        if (member.module !== undefined) {
          const inner = to.members.get(name)?.module;
          if (inner !== undefined) copy(member.module, inner);
          continue;
        }
        if (member.sort !== sort) continue;
        if (member.span === undefined) {
          to.members.set(name, member);
          continue;
        }
        const made = binding(`${to.name}::${name}`, member.sort, member.span);
        made.unit = unit;
        if (member.datatype !== undefined) made.datatype = { name: made.name, comparable: false };
        unit.bindings.push(made);
        to.members.set(name, made);
        copied.set(member, made);
        copies.push([member, made]);
      }
      for (const [name, type] of from.types) {
        const made = copied.get(type);
        if (made === undefined) continue;
        to.types.set(name, made);
        made.constructors = type.constructors.map((each) => copied.get(each) ?? each);
      }
    };
    copy(theirs, ours);
  }

  // Bodies: expressions are queued with the scope they are read in.

  #body(declaration: Declaration, unit: Unit, frame: Frame): void {
    const scope = frame.inside;
    switch (declaration.kind) {
      case 'function': {
        const around = this.#annotate(declaration.name.name, unit, frame);
        const file = declaration.clauses[0]?.span.file;
        for (const clause of declaration.clauses) {
          if (clause.span.file !== file)
            this.#reportTwice(
              { name: declaration.name.name, span: clause.span },
              this.#bindings.get(declaration.name)!,
            );
          const inside = new Scope(around);
          for (const pattern of clause.parameters.flat()) {
            this.#pattern(pattern, around, unit, this.#variables(inside));
          }
          this.#later(clause.body, inside, unit);
        }
        break;
      }
      case 'pattern': {
        let around = scope;
        for (const each of unit.bindings) {
          const name = frame.prefix === '' ? each.name : each.name.slice(frame.prefix.length);
          if (frame.annotations.has(name)) around = this.#annotate(name, unit, frame);
        }
        this.#later(declaration.body, around, unit);
        break;
      }
      case 'channel': {
        for (const name of declaration.names) this.#annotate(name.name, unit, frame);
        if (declaration.type !== undefined) this.#later(declaration.type, scope, unit);
        break;
      }
      case 'datatype':
        for (const { name, type } of declaration.constructors) {
          this.#annotate(name.name, unit, frame);
          if (type !== undefined) this.#later(type, scope, unit);
        }
        break;
      case 'subtype':
        for (const { name, type } of declaration.constructors) {
          this.#bindings.set(name, this.#find({ parts: [name.name], span: name.span }, scope, 'value', unit));
          if (type !== undefined) this.#later(type, scope, unit);
        }
        break;
      case 'nametype':
        this.#later(declaration.type, this.#annotate(declaration.name.name, unit, frame), unit);
        break;
      case 'assert': {
        const { assertion } = declaration;
        if (assertion.form === 'refinement') {
          this.#later(assertion.implementation, scope, unit);
          this.#later(assertion.specification, scope, unit);
        } else {
          this.#later(assertion.process, scope, unit);
          if (assertion.form === 'has trace') this.#later(assertion.trace, scope, unit);
        }
        for (const option of declaration.options)
          if (option.option === 'tau priority') this.#later(option.events, scope, unit);
        break;
      }
      case 'print':
        this.#later(declaration.expression, scope, unit);
        break;
      case 'module': {
        const inner = this.#frames.get(declaration)!.hidden.scope;
        const parameters = inner.parent!;
        for (const pattern of declaration.parameters) {
          this.#pattern(pattern, scope, unit, (name) => {
            const made = this.#variables(parameters)(name);
            const member = inner.names.get(name.name);
            if (member !== undefined) this.#reportTwice(name, member);
            return made;
          });
        }
        break;
      }
      case 'instance':
        for (const argument of declaration.arguments) this.#later(argument, scope, unit);
        break;
      case 'timed': {
        if (declaration.duration !== undefined) this.#later(declaration.duration, scope, unit);
        const tock = scope.find('tock');
        if (tock === undefined) {
          this.#report(
            'CSP-TYP-019',
            declaration.span,
            'A timed section needs an event `tock`: declare `channel tock`.',
          );
        } else {
          this.#tocks.set(declaration, tock);
          if (tock.unit !== undefined) this.#use(tock.unit, unit);
        }
        break;
      }
    }
    this.#nested('bodies', declaration);
  }

  #later(expression: Expression, scope: Scope, unit: Unit): void {
    this.#queue.push({ expression, scope, unit });
  }

  /** A binder of pattern variables into one scope. */
  #variables(scope: Scope, taken: Map<string, Binding> = scope.names): (name: Identifier) => Binding {
    return (name) => {
      const made = binding(name.name, 'value', name.span);
      const before = taken.get(name.name);
      if (before !== undefined) this.#reportTwice(name, before);
      else {
        taken.set(name.name, made);
        scope.names.set(name.name, made);
      }
      return made;
    };
  }

  /** Ties the names of a pattern to labels in scope, or to new variables. */
  #pattern(pattern: Pattern, scope: Scope, unit: Unit, bind: (name: Identifier) => Binding): void {
    for (const part of namesIn(pattern)) {
      const { parts, span } = part.name;
      const known = parts.length === 1 ? scope.find(parts[0]!) : this.#find(part.name, scope, 'value', unit);
      if (known?.sort === 'label') {
        this.#bindings.set(part, known);
        if (known.unit !== undefined) this.#use(known.unit, unit);
      } else if (parts.length === 1) {
        this.#bindings.set(part, bind({ name: parts[0]!, span: part.span }));
      } else {
        this.#bindings.set(part, UNKNOWN);
        if (known === UNKNOWN) continue;
        const full = parts.join('::');
        this.#report('CSP-TYP-014', span, `\`${full}\` is neither a channel nor a constructor, so no pattern.`);
      }
    }
  }

  // Expressions.

  #expression(expression: Expression, scope: Scope, unit: Unit): void {
    const go = (part: Expression) => this.#later(part, scope, unit);
    switch (expression.kind) {
      case 'number':
      case 'boolean':
      case 'char':
      case 'string':
        return;
      case 'name': {
        const found = this.#find(expression.name, scope, 'value', unit);
        this.#bindings.set(expression, found);
        return;
      }
      case 'apply':
        go(expression.function);
        for (const argument of expression.arguments) go(argument);
        return;
      case 'binary':
      case 'dot':
      case 'externalChoice':
      case 'internalChoice':
      case 'slidingChoice':
      case 'interrupt':
      case 'sequential':
      case 'interleave':
        go(expression.left);
        go(expression.right);
        return;
      case 'negate':
      case 'not':
      case 'length':
        go(expression.operand);
        return;
      case 'paren':
        go(expression.inner);
        return;
      case 'tuple':
      case 'set':
      case 'sequence':
        for (const element of expression.elements) go(element);
        return;
      case 'setRange':
      case 'sequenceRange':
        go(expression.low);
        if (expression.high !== undefined) go(expression.high);
        return;
      case 'setComprehension':
      case 'sequenceComprehension':
      case 'productions': {
        const inside = this.#statements(expression.statements, scope, unit);
        for (const element of expression.elements) this.#later(element, inside, unit);
        return;
      }
      case 'setRangeComprehension':
      case 'sequenceRangeComprehension': {
        const inside = this.#statements(expression.statements, scope, unit);
        this.#later(expression.low, inside, unit);
        if (expression.high !== undefined) this.#later(expression.high, inside, unit);
        return;
      }
      case 'map':
        for (const { key, value } of expression.entries) {
          go(key);
          go(value);
        }
        return;
      case 'lambda': {
        const inside = new Scope(scope);
        for (const pattern of expression.parameters) {
          // FDR lets a later parameter hide an earlier one of the same name.
          this.#pattern(pattern, scope, unit, this.#variables(inside, new Map()));
        }
        this.#later(expression.body, inside, unit);
        return;
      }
      case 'let': {
        const units: Unit[] = [];
        const inside = new Scope(scope);
        this.#lets.set(expression, units);
        this.#declare(expression.declarations, this.#frame(inside, unit, units));
        this.#later(expression.body, inside, unit);
        return;
      }
      case 'if':
        go(expression.condition);
        go(expression.consequent);
        go(expression.alternative);
        return;
      case 'prefix':
        go(expression.event);
        this.#later(expression.process, this.#fields(expression.fields, scope, unit), unit);
        return;
      case 'guard':
        go(expression.condition);
        go(expression.process);
        return;
      case 'exception':
      case 'generalizedParallel':
      case 'synchronizingChoice':
      case 'synchronizingInterrupt':
        go(expression.left);
        go(expression.events);
        go(expression.right);
        return;
      case 'alphabetizedParallel':
        go(expression.left);
        go(expression.leftAlphabet);
        go(expression.rightAlphabet);
        go(expression.right);
        return;
      case 'linkParallel': {
        go(expression.left);
        go(expression.right);
        this.#links(expression.links, this.#statements(expression.statements, scope, unit), unit);
        return;
      }
      case 'hide':
      case 'project':
        go(expression.process);
        go(expression.events);
        return;
      case 'rename': {
        go(expression.process);
        const inside = this.#statements(expression.statements, scope, unit);
        for (const pair of expression.pairs) this.#pair(pair, inside, unit);
        return;
      }
      case 'replicated': {
        const { operator } = expression;
        // What all copies share is read outside the scope of their index, except the alphabet of each.
        if (operator.of === 'generalizedParallel' || operator.of === 'synchronizingChoice') go(operator.events);
        const inside = this.#statements(expression.statements, scope, unit);
        if (operator.of === 'alphabetizedParallel') this.#later(operator.alphabet, inside, unit);
        if (operator.of === 'linkParallel')
          this.#links(operator.links, this.#statements(operator.statements, inside, unit), unit);
        this.#later(expression.body, inside, unit);
        return;
      }
      default:
        expression satisfies never;
    }
  }

  #pair(pair: RenamingPair, scope: Scope, unit: Unit): void {
    this.#later(pair.from, scope, unit);
    this.#later(pair.to, scope, unit);
  }

  #links(links: readonly Link[], scope: Scope, unit: Unit): void {
    for (const link of links) {
      this.#later(link.left, scope, unit);
      this.#later(link.right, scope, unit);
    }
  }

  /** The scope behind the statements; each sees the variables of those before it. */
  #statements(statements: readonly Statement[], scope: Scope, unit: Unit): Scope {
    let inside = scope;
    const taken = new Map<string, Binding>();
    for (const statement of statements) {
      if (statement.kind === 'condition') this.#later(statement.expression, inside, unit);
      else {
        this.#later(statement.from, inside, unit);
        inside = this.#extend(statement.pattern, inside, taken, unit);
      }
    }
    return inside;
  }

  /** The scope behind the fields. Nondeterministic fields are chosen first, so all others see their variables. */
  #fields(fields: readonly Field[], scope: Scope, unit: Unit): Scope {
    let inside = scope;
    let settled = false;
    const taken = new Map<string, Binding>();
    for (const field of fields) {
      if (field.kind !== 'nondeterministic') settled = true;
      else if (settled)
        this.#report('CSP-TYP-012', field.span, 'A nondeterministic field `$` must stand before every `?` and `!`.');
    }
    for (const first of [true, false]) {
      for (const field of fields) {
        if ((field.kind === 'nondeterministic') !== first) continue;
        if (field.kind === 'output') {
          this.#later(field.expression, inside, unit);
          continue;
        }
        if (field.from !== undefined) this.#later(field.from, inside, unit);
        inside = this.#extend(field.pattern, inside, taken, unit);
      }
    }
    return inside;
  }

  #extend(pattern: Pattern, scope: Scope, taken: Map<string, Binding>, unit: Unit): Scope {
    const inside = new Scope(scope);
    this.#pattern(pattern, scope, unit, this.#variables(inside, taken));
    return inside.names.size === 0 ? scope : inside;
  }

  // Type annotations.

  /** Resolves the annotation of a name, if it has one; the scope in which its type variables are known. */
  #annotate(name: string, unit: Unit, frame: Frame): Scope {
    const syntax = frame.annotations.get(name);
    if (syntax === undefined) return frame.inside;
    let annotation = this.#annotated.get(syntax);
    const inside = new Scope(frame.inside);
    if (annotation === undefined) {
      annotation = { syntax, variables: this.#typeVariables(syntax, inside) };
      this.#annotated.set(syntax, annotation);
    }
    for (const variable of annotation.variables) inside.types.set(variable.name, variable);
    unit.annotations.set(name, annotation);
    for (const type of annotationTypes(syntax.type)) {
      const named = this.#typeNames.get(type);
      if (named?.kind === 'declared' && named.binding.unit !== undefined) this.#use(named.binding.unit, unit);
    }
    return inside;
  }

  #typeVariables(syntax: TypeAnnotation, scope: Scope): NamedVariable[] {
    const variables: NamedVariable[] = [];
    for (const type of annotationTypes(syntax.type)) {
      if (type.kind === 'extendable' && type.from.kind !== 'name') {
        this.#report('CSP-TYP-015', type.from.span, 'Only a type variable may stand left of `=>*`.');
      }
      if (type.kind !== 'name') continue;
      const { parts, span } = type.name;
      let known: TypeName | undefined;
      if (parts.length === 1) known = scope.findType(parts[0]!);
      else {
        const holder = this.#find({ parts: parts.slice(0, -1), span }, scope, 'module', undefined);
        const last = parts[parts.length - 1]!;
        const declared = holder.module?.types.get(last);
        if (declared !== undefined && holder.module!.exported.has(last))
          known = { kind: 'declared', binding: declared };
        else if (holder !== UNKNOWN) this.#report('CSP-TYP-015', span, `There is no datatype \`${parts.join('::')}\`.`);
      }
      if (known === undefined) {
        known = { kind: 'named', name: parts.join('::'), span, classes: [], type: undefined };
        variables.push(known);
        scope.types.set(known.name, known);
      }
      this.#typeNames.set(type, known);
    }
    for (const constraint of syntax.constraints) {
      const { name, span } = constraint.variable;
      const variable = variables.find((each) => each.name === name);
      const wanted = constraint.class === 'Inputable' ? 'Complete' : constraint.class;
      if (!TYPE_CLASSES.includes(wanted as never)) {
        const meant = nearest(wanted, TYPE_CLASSES);
        this.#report(
          'CSP-TYP-015',
          constraint.variable.span,
          `There is no type class \`${wanted}\`${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`,
        );
      } else if (variable !== undefined) variable.classes.push(wanted);
      else {
        this.#report(
          'CSP-TYP-015',
          span,
          `\`${wanted} ${name}\` constrains no type variable that this annotation introduces.`,
        );
      }
    }
    return variables;
  }

  // Looking up.

  #use(target: Unit, user: Unit): void {
    // From the body of the `let` that declares it, a name is used by no declaration of its list.
    for (let unit: Unit | undefined = user; unit !== undefined && unit !== target.parent; unit = unit.parent) {
      if (unit.list === target.list) {
        unit.uses.add(target);
        return;
      }
    }
  }

  #find(name: QualifiedName, scope: Scope, want: 'value' | 'module', unit: Unit | undefined): Binding {
    const { parts, span } = name;
    const first = scope.find(parts[0]!);
    if (first === undefined) {
      if (unit?.declaration.kind === 'print') {
        this.#report('CSP-TYP-017', span, `\`${parts[0]}\` is not defined here.`, undefined, 'warning');
      } else this.#missing(parts[0]!, span, scope);
      return UNKNOWN;
    }
    let found: Binding = first;
    for (let i = 1; i < parts.length; i++) {
      const outer = parts.slice(0, i).join('::');
      const { module, poisoned }: Pick<Binding, 'module' | 'poisoned'> = found;
      if (module === undefined) {
        this.#report('CSP-TYP-009', span, `\`${outer}\` is not a module.`);
        return UNKNOWN;
      }
      if (poisoned) return UNKNOWN;
      if (module.needsInstance) {
        this.#report(
          'CSP-TYP-009',
          span,
          `The module \`${outer}\` takes arguments: write \`instance I = ${outer}(...)\` and use \`I::${parts[i]}\`.`,
        );
        return UNKNOWN;
      }
      const member: Binding | undefined = module.members.get(parts[i]!);
      if (member === undefined) {
        const meant = nearest(parts[i]!, module.exported);
        this.#report(
          'CSP-TYP-001',
          span,
          `The module \`${outer}\` exports no \`${parts[i]}\`${meant === undefined ? '.' : `; did you mean \`${outer}::${meant}\`?`}`,
          meant === undefined ? undefined : [...parts.slice(0, i), meant, ...parts.slice(i + 1)].join('::'),
        );
        return UNKNOWN;
      }
      if (!module.exported.has(parts[i]!)) {
        this.#report(
          'CSP-TYP-009',
          span,
          `\`${parts[i]}\` is hidden in the module \`${outer}\`: move it behind \`exports\`.`,
        );
        return UNKNOWN;
      }
      found = member;
    }
    if ((found.module !== undefined) !== (want === 'module')) {
      const full = parts.join('::');
      this.#report(
        'CSP-TYP-009',
        span,
        want === 'module' ? `\`${full}\` is not a module.` : `\`${full}\` is a module, not a value.`,
      );
      return UNKNOWN;
    }
    if (unit !== undefined && found.unit !== undefined) this.#use(found.unit, unit);
    return found;
  }

  #missing(name: string, span: Span, scope: Scope): void {
    const known = this.#undefined.get(name);
    if (known === undefined) {
      this.#undefined.set(name, { span, places: 1, scope });
      return;
    }
    known.places++;
    if (
      span.file === known.span.file &&
      (span.line < known.span.line || (span.line === known.span.line && span.column < known.span.column))
    ) {
      known.span = span;
    }
  }

  /** One message a name, however often it is used. */
  #reportUndefined(): void {
    for (const [name, { span, places, scope }] of this.#undefined) {
      const more = places === 1 ? '' : ` It is used at ${places} places.`;
      const keyword = TRANSPARENT_FUNCTIONS.has(name)
        ? 'transparent'
        : EXTERNAL_FUNCTIONS.has(name)
          ? 'external'
          : undefined;
      if (keyword !== undefined) {
        const start: Span = { file: span.file, line: 1, column: 1, endLine: 1, endColumn: 1 };
        this.#diagnostics.push({
          severity: this.#dialect === 'fdr2' ? 'warning' : 'error',
          code: 'CSP-TYP-001',
          span,
          message: `\`${name}\` is known only after \`${keyword} ${name}\`.${more}`,
          fix: { title: `declare \`${keyword} ${name}\``, span: start, replacement: `${keyword} ${name}\n` },
        });
        continue;
      }
      const meant = nearest(name, scope.visible());
      this.#report(
        'CSP-TYP-001',
        span,
        `\`${name}\` is not defined here${meant === undefined ? '.' : `; did you mean \`${meant}\`?`}${more}`,
        meant,
      );
    }
  }

  #report(
    code: TypeCode,
    span: Span,
    message: string,
    replacement?: string,
    severity: Diagnostic['severity'] = 'error',
  ): void {
    const fix = replacement === undefined ? {} : { fix: { title: `write \`${replacement}\``, span, replacement } };
    this.#diagnostics.push({ severity, code, span, message, ...fix });
  }
}

/** A type expression and all inside it, outermost first. */
function annotationTypes(type: TypeExpression): TypeExpression[] {
  const all: TypeExpression[] = [];
  const pending: TypeExpression[] = [type];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    all.push(part);
    switch (part.kind) {
      case 'set':
      case 'sequence':
        pending.push(part.of);
        break;
      case 'tuple':
        pending.push(...part.elements);
        break;
      case 'map':
        pending.push(part.key, part.value);
        break;
      case 'function':
        pending.push(...part.parameters, part.result);
        break;
      case 'dot':
        pending.push(part.left, part.right);
        break;
      case 'dotable':
      case 'extendable':
        pending.push(part.from, part.to);
        break;
    }
  }
  return all;
}

function placeOf(span: Span, from: Span): string {
  return span.file === from.file ? `line ${span.line}` : `${span.file}:${span.line}`;
}
