/** Names: every use is tied to its binding, every declaration to those it uses. */
import type { Diagnostic } from '../../diagnostic.ts';
import type { Dialect } from '../../dialect.ts';
import type { Declaration, Expression, Script, TypeExpression } from '../../syntax.ts';
import { type Binding, Scope, type TypeName, type Unit } from '../scope.ts';
import { Annotations } from './annotations.ts';
import { Bodies } from './bodies.ts';
import { BUILT_IN_SCOPE } from './built-in-scope.ts';
import { Declarations } from './declarations.ts';
import { Expressions } from './expressions.ts';
import { Lookup } from './lookup.ts';

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
  const lookup = new Lookup();
  const annotations = new Annotations(lookup);
  const expressions = new Expressions(lookup, (list, scope, parent) => declarations.declare(list, scope, parent));
  const bodies = new Bodies(lookup, annotations, expressions);
  const declarations = new Declarations(lookup, bodies);

  const top = new Scope(BUILT_IN_SCOPE);
  const units = declarations.declare(script.declarations, top, undefined);
  expressions.run();
  lookup.reportUndefined(dialect);

  const { bindings, diagnostics } = lookup;
  const { lets } = expressions;
  const { typeNames } = annotations;
  const { tocks } = bodies;
  return { units, bindings, lets, typeNames, tocks, top, diagnostics };
}
