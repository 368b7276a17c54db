/** Type annotations: which type or type variable each name in them stands for. */
import type { TypeAnnotation, TypeExpression } from '../../syntax.ts';
import { type Annotation, type NamedVariable, Scope, type TypeName, type Unit } from '../scope.ts';
import { TYPE_CLASSES } from '../type.ts';
import type { Frame } from './frame.ts';
import { type Lookup, UNKNOWN } from './lookup.ts';
import { nearest } from './nearest.ts';

export class Annotations {
  /** What each name in a type annotation stands for. */
  readonly typeNames = new Map<TypeExpression, TypeName>();
  readonly #annotated = new Map<TypeAnnotation, Annotation>();
  readonly #lookup: Lookup;

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  /** Resolves the annotation of a name, if it has one; the scope in which its type variables are known. */
  annotate(name: string, unit: Unit, frame: Frame): Scope {
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
      const named = this.typeNames.get(type);
      if (named?.kind === 'declared' && named.binding.unit !== undefined) this.#lookup.use(named.binding.unit, unit);
    }
    return inside;
  }

  #typeVariables(syntax: TypeAnnotation, scope: Scope): NamedVariable[] {
    const variables: NamedVariable[] = [];
    for (const type of annotationTypes(syntax.type)) {
      if (type.kind === 'extendable' && type.from.kind !== 'name') {
        this.#lookup.report('CSP-TYP-015', type.from.span, 'Only a type variable may stand left of `=>*`.');
      }
      if (type.kind !== 'name') continue;
      const { parts, span } = type.name;
      let known: TypeName | undefined;
      if (parts.length === 1) known = scope.findType(parts[0]!);
      else {
        const holder = this.#lookup.find({ parts: parts.slice(0, -1), span }, scope, 'module', undefined);
        const last = parts[parts.length - 1]!;
        const declared = holder.module?.types.get(last);
        if (declared !== undefined && holder.module!.exported.has(last))
          known = { kind: 'declared', binding: declared };
        else if (holder !== UNKNOWN)
          this.#lookup.report('CSP-TYP-015', span, `There is no datatype \`${parts.join('::')}\`.`);
      }
      if (known === undefined) {
        known = { kind: 'named', name: parts.join('::'), span, classes: [], type: undefined };
        variables.push(known);
        scope.types.set(known.name, known);
      }
      this.typeNames.set(type, known);
    }
    for (const constraint of syntax.constraints) {
      const { name, span } = constraint.variable;
      const variable = variables.find((each) => each.name === name);
      const wanted = constraint.class === 'Inputable' ? 'Complete' : constraint.class;
      if (!TYPE_CLASSES.includes(wanted as never)) {
        const meant = nearest(wanted, TYPE_CLASSES);
        this.#lookup.report(
          'CSP-TYP-015',
          constraint.variable.span,
          `There is no type class \`${wanted}\`${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`,
        );
      } else if (variable !== undefined) variable.classes.push(wanted);
      else {
        this.#lookup.report(
          'CSP-TYP-015',
          span,
          `\`${wanted} ${name}\` constrains no type variable that this annotation introduces.`,
        );
      }
    }
    return variables;
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
