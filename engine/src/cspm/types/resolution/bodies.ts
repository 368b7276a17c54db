/** Names in the bodies of declarations: clauses, fields, assertions, arguments. */
import type { Declaration } from '../../syntax.ts';
import { type Binding, Scope, type Unit } from '../scope.ts';
import type { Annotations } from './annotations.ts';
import type { Expressions } from './expressions.ts';
import type { Frame } from './frame.ts';
import type { Lookup } from './lookup.ts';
import { binderInto, bindPattern } from './patterns.ts';

export class Bodies {
  /** The event `tock` of each timed section. */
  readonly tocks = new Map<Declaration, Binding>();
  readonly #lookup: Lookup;
  readonly #annotations: Annotations;
  readonly #expressions: Expressions;

  constructor(lookup: Lookup, annotations: Annotations, expressions: Expressions) {
    this.#lookup = lookup;
    this.#annotations = annotations;
    this.#expressions = expressions;
  }

  /** The scopes of the parts of a declaration, once all names of its list are known. */
  resolve(declaration: Declaration, unit: Unit, frame: Frame): void {
    const scope = frame.inside;
    switch (declaration.kind) {
      case 'function': {
        const around = this.#annotations.annotate(declaration.name.name, unit, frame);
        const file = declaration.clauses[0]?.span.file;
        for (const clause of declaration.clauses) {
          if (clause.span.file !== file)
            this.#lookup.reportTwice(
              { name: declaration.name.name, span: clause.span },
              this.#lookup.bindings.get(declaration.name)!,
            );
          const inside = new Scope(around);
          for (const pattern of clause.parameters.flat()) {
            bindPattern(pattern, around, unit, binderInto(inside, this.#lookup), this.#lookup);
          }
          this.#expressions.later(clause.body, inside, unit);
        }
        break;
      }
      case 'pattern': {
        let around = scope;
        for (const each of unit.bindings) {
          const name = frame.prefix === '' ? each.name : each.name.slice(frame.prefix.length);
          if (frame.annotations.has(name)) around = this.#annotations.annotate(name, unit, frame);
        }
        this.#expressions.later(declaration.body, around, unit);
        break;
      }
      case 'channel': {
        for (const name of declaration.names) this.#annotations.annotate(name.name, unit, frame);
        if (declaration.type !== undefined) this.#expressions.later(declaration.type, scope, unit);
        break;
      }
      case 'datatype':
        for (const { name, type } of declaration.constructors) {
          this.#annotations.annotate(name.name, unit, frame);
          if (type !== undefined) this.#expressions.later(type, scope, unit);
        }
        break;
      case 'subtype':
        for (const { name, type } of declaration.constructors) {
          this.#lookup.bindings.set(
            name,
            this.#lookup.find({ parts: [name.name], span: name.span }, scope, 'value', unit),
          );
          if (type !== undefined) this.#expressions.later(type, scope, unit);
        }
        break;
      case 'nametype':
        this.#expressions.later(declaration.type, this.#annotations.annotate(declaration.name.name, unit, frame), unit);
        break;
      case 'assert': {
        const { assertion } = declaration;
        if (assertion.form === 'refinement') {
          this.#expressions.later(assertion.implementation, scope, unit);
          this.#expressions.later(assertion.specification, scope, unit);
        } else {
          this.#expressions.later(assertion.process, scope, unit);
          if (assertion.form === 'has trace') this.#expressions.later(assertion.trace, scope, unit);
        }
        for (const option of declaration.options)
          if (option.option === 'tau priority') this.#expressions.later(option.events, scope, unit);
        break;
      }
      case 'print':
        this.#expressions.later(declaration.expression, scope, unit);
        break;
      case 'module': {
        const inner = this.#lookup.bindings.get(declaration.name)!.module!.scope;
        const parameters = inner.parent!;
        for (const pattern of declaration.parameters) {
          bindPattern(
            pattern,
            scope,
            unit,
            (name) => {
              const made = binderInto(parameters, this.#lookup)(name);
              const member = inner.names.get(name.name);
              if (member !== undefined) this.#lookup.reportTwice(name, member);
              return made;
            },
            this.#lookup,
          );
        }
        break;
      }
      case 'instance':
        for (const argument of declaration.arguments) this.#expressions.later(argument, scope, unit);
        break;
      case 'timed': {
        if (declaration.duration !== undefined) this.#expressions.later(declaration.duration, scope, unit);
        const tock = scope.find('tock');
        if (tock === undefined) {
          this.#lookup.report(
            'CSP-TYP-019',
            declaration.span,
            'A timed section needs an event `tock`: declare `channel tock`.',
          );
        } else {
          this.tocks.set(declaration, tock);
          if (tock.unit !== undefined) this.#lookup.use(tock.unit, unit);
        }
        break;
      }
    }
  }
}
