/** The names that no script declares, as bindings. */
import { BUILT_IN, EXTERNAL_FUNCTIONS, TIMED_NAMES, TRANSPARENT_FUNCTIONS } from '../built-in.ts';
import { type Binding, binding, Scope } from '../scope.ts';
import { freeVariables, NAMED_ATOMS, type Type } from '../type.ts';

/** Around every script. */
export const BUILT_IN_SCOPE = new Scope(undefined);
for (const [name, type] of BUILT_IN) BUILT_IN_SCOPE.names.set(name, builtIn(name, type));
for (const [name, type] of NAMED_ATOMS) BUILT_IN_SCOPE.types.set(name, type);
/** What `transparent` brings into scope. */
export const TRANSPARENT_BINDINGS = new Map(
  [...TRANSPARENT_FUNCTIONS].map(([name, type]) => [name, builtIn(name, type)]),
);
/** What `external` brings into scope. */
export const EXTERNAL_BINDINGS = new Map([...EXTERNAL_FUNCTIONS].map(([name, type]) => [name, builtIn(name, type)]));
const TIMED_BINDINGS = new Map([...TIMED_NAMES].map(([name, type]) => [name, builtIn(name, type)]));

function builtIn(name: string, type: Type): Binding {
  return { ...binding(name, 'value', undefined), type, generic: freeVariables(type).size > 0 };
}

/** The scope inside a timed section. */
export function timedScope(around: Scope): Scope {
  const inside = new Scope(around);
  for (const [name, each] of TIMED_BINDINGS) {
    if (name === 'WAIT' || name === 'timed_priority' || around.find(name) === undefined) inside.names.set(name, each);
  }
  return inside;
}
