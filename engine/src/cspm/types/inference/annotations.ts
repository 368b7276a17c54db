/** Types as annotations write them. */
import type { TypeExpression } from '../../syntax.ts';
import type { Annotation } from '../scope.ts';
import { ANYTHING, dotOf, functionOf, type Type, type TypeClass, tupleOf, type Variable } from '../type.ts';
import { type Inference, NESTING_MAX } from './inference.ts';

/** The annotated type, its type variables standing for themselves in the declaration at hand. */
export function annotatedType(annotation: Annotation, inference: Inference): Type {
  for (const variable of annotation.variables)
    variable.type = inference.variables.rigid(variable.name, variable.classes as TypeClass[]);
  return typeOfExpression(annotation.syntax.type, 0, inference);
}

function typeOfExpression(type: TypeExpression, depth: number, inference: Inference): Type {
  if (depth > NESTING_MAX) inference.reject('CSP-TYP-016', type.span, 'This type is nested too deep.');
  const inner = (part: TypeExpression) => typeOfExpression(part, depth + 1, inference);
  switch (type.kind) {
    case 'name': {
      const named = inference.resolution.typeNames.get(type);
      if (named === undefined) return ANYTHING;
      if (named.kind === 'named') return named.type ?? ANYTHING;
      if (named.kind !== 'declared') return named;
      const of = named.binding.datatype;
      return of === undefined ? ANYTHING : { kind: 'datatype', of };
    }
    case 'set':
    case 'sequence':
      return { kind: type.kind, of: inner(type.of) };
    case 'tuple':
      return type.elements.length === 1 ? inner(type.elements[0]!) : tupleOf(type.elements.map(inner));
    case 'map':
      return { kind: 'map', key: inner(type.key), value: inner(type.value) };
    case 'function':
      return functionOf(type.parameters.map(inner), inner(type.result));
    case 'dot':
      return dotOf(inner(type.left), inner(type.right));
    case 'dotable':
      return { kind: 'dotable', from: inner(type.from), to: inner(type.to) };
    case 'extendable': {
      const by = inner(type.from);
      if (by.kind !== 'variable')
        return inference.reject('CSP-TYP-015', type.from.span, 'Only a type variable may stand left of `=>*`.');
      return { kind: 'extendable', to: inner(type.to), by: by as Variable };
    }
  }
}
