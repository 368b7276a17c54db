/** What names stand for: bindings, the modules that hold them, and the scopes they are looked up in. */

import type { Span } from '../../csp/index.ts';
import type { Declaration, Pattern, TypeAnnotation } from '../syntax.ts';
import type { Atom, DatatypeName, Type } from './type.ts';

/** One thing with a name. `value`: a function, constant or variable. `label`: a channel or constructor, which patterns match instead of binding. */
export interface Binding {
  readonly name: string;
  readonly span: Span | undefined;
  readonly sort: 'value' | 'label' | 'module';
  /** The declaration that binds it; absent for built-in names and variables of patterns. */
  unit: Unit | undefined;
  /** Found by inference. */
  type: Type | undefined;
  /** Whether the type has quantified variables. */
  generic: boolean;
  /** Its declaration has an error that was reported: it fits everywhere, so that one mistake is one message. */
  poisoned: boolean;
  /** For a datatype: its identity and its constructors. */
  datatype: DatatypeName | undefined;
  constructors: readonly Binding[];
  readonly module: Module | undefined;
}

export interface Module {
  readonly name: string;
  readonly parameters: readonly Pattern[];
  /** Everything declared inside, hidden or not, but no parameters. */
  readonly members: Map<string, Binding>;
  readonly types: Map<string, Binding>;
  readonly exported: Set<string>;
  /** Whether the names inside exist only in instances. */
  readonly needsInstance: boolean;
  /** The units that must be typed before an instance can be made. */
  readonly units: Unit[];
  readonly scope: Scope;
}

/** A scoped variable of an annotation, standing for `type` while its declaration is checked. */
export interface NamedVariable {
  readonly kind: 'named';
  readonly name: string;
  readonly span: Span;
  readonly classes: string[];
  type: Type | undefined;
}
export type TypeName = Atom | { readonly kind: 'declared'; readonly binding: Binding } | NamedVariable;

export interface Annotation {
  readonly syntax: TypeAnnotation;
  readonly variables: readonly NamedVariable[];
}

/** A declaration as a node of the graph of dependencies. */
export interface Unit {
  readonly declaration: Declaration;
  /** The declaration list it is checked with; edges stay inside one list. */
  readonly list: object;
  readonly parent: Unit | undefined;
  readonly bindings: Binding[];
  readonly uses: Set<Unit>;
  readonly annotations: Map<string, Annotation>;
  /** For a module that takes arguments: its contents, checked once, before any instance. */
  readonly inner: Unit[];
  readonly instance: Instance | undefined;
}
export interface Instance {
  readonly target: Binding;
  readonly copies: readonly (readonly [theirs: Binding, ours: Binding])[];
}

export function binding(name: string, sort: Binding['sort'], span: Span | undefined, module?: Module): Binding {
  return {
    name,
    span,
    sort,
    unit: undefined,
    type: undefined,
    generic: false,
    poisoned: false,
    datatype: undefined,
    constructors: [],
    module,
  };
}

export class Scope {
  readonly parent: Scope | undefined;
  readonly names: Map<string, Binding>;
  readonly types: Map<string, TypeName>;

  constructor(parent: Scope | undefined) {
    this.parent = parent;
    this.names = new Map();
    this.types = new Map();
  }

  find(name: string): Binding | undefined {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      const found = scope.names.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  findType(name: string): TypeName | undefined {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      const found = scope.types.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All names in sight, nearest first. */
  *visible(): Iterable<string> {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) yield* scope.names.keys();
  }
}

/** What a declaration in error binds fits everywhere from now on. */
export function poison(unit: Unit): void {
  for (const each of unit.bindings) each.poisoned = true;
}
