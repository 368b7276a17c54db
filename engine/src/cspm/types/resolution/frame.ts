import type { Identifier, TypeAnnotation } from '../../syntax.ts';
import { type Binding, binding, type Module, type Scope, type Unit } from '../scope.ts';
import type { Lookup } from './lookup.ts';

/** A declaration list on its way into scope. */
export interface Frame {
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

/** A new binding for a name that the declaration `unit` binds in `frame`. */
export function bindingIn(frame: Frame, name: Identifier, sort: Binding['sort'], unit: Unit, module?: Module): Binding {
  const made = binding(frame.prefix + name.name, sort, name.span, module);
  made.unit = unit;
  unit.bindings.push(made);
  return made;
}

/** Enters a name into the scope of `frame`, where it must be the only one of its name. */
export function define(name: Identifier, made: Binding, frame: Frame, lookup: Lookup): void {
  lookup.bindings.set(name, made);
  const before = frame.scope.names.get(name.name);
  if (before !== undefined) {
    lookup.reportTwice(name, before);
    return;
  }
  frame.scope.names.set(name.name, made);
  frame.exports?.add(name.name);
}
