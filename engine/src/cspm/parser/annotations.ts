/** A type annotation belongs to one declaration beside it. */
import type { Declaration, Identifier } from '../syntax.ts';
import type { Reader } from './reader.ts';

export function checkAnnotations(reader: Reader, declarations: readonly Declaration[]): void {
  const annotated = new Map<string, Identifier>();
  for (const declaration of declarations) {
    if (declaration.kind !== 'annotation') continue;
    for (const identifier of declaration.names) {
      const earlier = annotated.get(identifier.name);
      if (earlier === undefined) annotated.set(identifier.name, identifier);
      else {
        const where = `${earlier.span.line}:${earlier.span.column}`;
        reader.error(
          'CSP-SYN-016',
          identifier.span,
          `\`${identifier.name}\` was annotated with a type at ${where} already`,
        );
      }
    }
  }
  if (annotated.size === 0) return;
  const declared = new Set(declarations.flatMap(namesOf));
  for (const [name, identifier] of annotated) {
    if (!declared.has(name)) {
      reader.error('CSP-SYN-016', identifier.span, `\`${name}\` is annotated with a type but not declared here`);
    }
  }
  for (const declaration of declarations) {
    if (declaration.kind !== 'channel') continue;
    const named = declaration.names.filter(({ name }) => annotated.has(name));
    if (named.length > 1) {
      reader.error(
        'CSP-SYN-016',
        declaration.span,
        `the channels ${named.map(({ name }) => `\`${name}\``).join(', ')} share one declaration but are annotated each: declare them apart`,
      );
    }
  }
}

/** The names that an annotation may stand for. */
function namesOf(declaration: Declaration): readonly string[] {
  switch (declaration.kind) {
    case 'function':
    case 'nametype':
      return [declaration.name.name];
    case 'pattern': {
      const { pattern } = declaration;
      return pattern.kind === 'name' ? [pattern.name.parts.join('::')] : [];
    }
    case 'channel':
    case 'external':
    case 'transparent':
      return declaration.names.map(({ name }) => name);
    case 'datatype':
    case 'subtype':
      return declaration.constructors.map(({ name }) => name.name);
    default:
      return [];
  }
}
