/** Instances of modules: an instance has a copy of everything that its module has. */
import type { InstanceDeclaration } from '../../syntax.ts';
import { type Binding, binding, type Module, Scope, type Unit } from '../scope.ts';
import { bindingIn, define, type Frame } from './frame.ts';
import type { Lookup } from './lookup.ts';

/** Enters an instance, and the modules in it; what else it has follows by `copyMembers`. */
export function enterInstance(declaration: InstanceDeclaration, unit: Unit, frame: Frame, lookup: Lookup): void {
  const target = lookup.find(declaration.module, frame.inside, 'module', unit);
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
  const made = bindingIn(frame, declaration.name, 'module', unit, ours);
  define(declaration.name, made, frame, lookup);
  if (theirs === undefined) {
    made.poisoned = true;
    return;
  }
  for (let around: Scope | undefined = frame.inside; around !== undefined; around = around.parent) {
    if (around === theirs.scope) {
      lookup.report('CSP-TYP-010', declaration.span, `The module \`${theirs.name}\` uses an instance of itself.`);
      made.poisoned = true;
      return;
    }
  }
  const copies: (readonly [Binding, Binding])[] = [];
  Object.assign(unit, { instance: { target, copies } });
  for (const used of theirs.units) lookup.use(used, unit);
  copyModules(theirs, ours, unit, copies);
}

function copyModules(theirs: Module, ours: Module, unit: Unit, copies: (readonly [Binding, Binding])[]): void {
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
    copyModules(member.module, copied, unit, copies);
  }
}

/** Gives an instance its own labels or values: one for each of its module. */
export function copyMembers(unit: Unit, sort: 'label' | 'value'): void {
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
