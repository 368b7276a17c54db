/** Names in patterns: a label in scope is matched, any other name is a new variable. */
import type { Identifier, Pattern } from '../../syntax.ts';
import { namesIn } from '../patterns.ts';
import { type Binding, binding, type Scope, type Unit } from '../scope.ts';
import { type Lookup, UNKNOWN } from './lookup.ts';

/** A binder of pattern variables into one scope. */
export function binderInto(
  scope: Scope,
  lookup: Lookup,
  taken: Map<string, Binding> = scope.names,
): (name: Identifier) => Binding {
  return (name) => {
    const made = binding(name.name, 'value', name.span);
    const before = taken.get(name.name);
    if (before !== undefined) lookup.reportTwice(name, before);
    else {
      taken.set(name.name, made);
      scope.names.set(name.name, made);
    }
    return made;
  };
}

/** Ties the names of a pattern to labels in scope, or to new variables. */
export function bindPattern(
  pattern: Pattern,
  scope: Scope,
  unit: Unit,
  bind: (name: Identifier) => Binding,
  lookup: Lookup,
): void {
  for (const part of namesIn(pattern)) {
    const { parts, span } = part.name;
    const known = parts.length === 1 ? scope.find(parts[0]!) : lookup.find(part.name, scope, 'value', unit);
    if (known?.sort === 'label') {
      lookup.bindings.set(part, known);
      if (known.unit !== undefined) lookup.use(known.unit, unit);
    } else if (parts.length === 1) {
      lookup.bindings.set(part, bind({ name: parts[0]!, span: part.span }));
    } else {
      lookup.bindings.set(part, UNKNOWN);
      if (known === UNKNOWN) continue;
      const full = parts.join('::');
      lookup.report('CSP-TYP-014', span, `\`${full}\` is neither a channel nor a constructor, so no pattern.`);
    }
  }
}
