/**
 * Declarations enter scope. Those of one list see each other, in any order, so a list is gone through in stages: modules and instances, since names
 * may lie in them; labels (channels and constructors), because a pattern that names a label matches it, and any other name in a pattern is a new variable;
 * values; and then the bodies.
 */
import type { Declaration, InstanceDeclaration, ModuleDeclaration } from '../../syntax.ts';
import { type Module, Scope, type Unit } from '../scope.ts';
import type { Bodies } from './bodies.ts';
import { timedScope } from './built-in-scope.ts';
import { bindingIn, define, type Frame } from './frame.ts';
import { importFunction } from './imports.ts';
import { copyMembers, enterInstance } from './instances.ts';
import { type Lookup, UNKNOWN } from './lookup.ts';
import { bindPattern } from './patterns.ts';

type Stage = 'modules' | 'labels' | 'values' | 'bodies';
const STAGES: readonly Stage[] = ['modules', 'labels', 'values', 'bodies'];

export class Declarations {
  readonly #lookup: Lookup;
  readonly #bodies: Bodies;
  readonly #units = new Map<Declaration, Unit>();
  readonly #frames = new Map<Declaration, { readonly hidden: Frame; readonly exported: Frame }>();

  constructor(lookup: Lookup, bodies: Bodies) {
    this.#lookup = lookup;
    this.#bodies = bodies;
  }

  /** Brings a list into `scope`; `parent` is the declaration that it stands in. */
  declare(declarations: readonly Declaration[], scope: Scope, parent: Unit | undefined): readonly Unit[] {
    const units: Unit[] = [];
    const frame: Frame = {
      scope,
      inside: scope,
      list: units,
      parent,
      units,
      prefix: '',
      exports: undefined,
      module: undefined,
      annotations: new Map(),
    };
    this.#enterUnits(declarations, frame);
    for (const stage of STAGES) this.#stage(stage, declarations, frame);
    return units;
  }

  #enterUnits(declarations: readonly Declaration[], frame: Frame): void {
    for (const declaration of declarations) {
      if (declaration.kind === 'annotation') {
        for (const name of declaration.names) frame.annotations.set(name.name, declaration);
        continue;
      }
      const inner: Unit[] = [];
      const unit: Unit = {
        declaration,
        list: frame.list,
        parent: frame.parent,
        bindings: [],
        uses: new Set(),
        annotations: new Map(),
        inner,
        instance: declaration.kind === 'instance' ? { target: UNKNOWN, copies: [] } : undefined,
      };
      this.#units.set(declaration, unit);
      frame.units.push(unit);
      frame.module?.units.push(unit);
      if (declaration.kind === 'module') this.#enterModule(declaration, unit, frame);
      if (declaration.kind === 'timed') {
        const timed: Frame = { ...frame, inside: timedScope(frame.inside) };
        this.#frames.set(declaration, { hidden: timed, exported: timed });
        this.#enterUnits(declaration.declarations, timed);
      }
    }
  }

  #enterModule(declaration: ModuleDeclaration, unit: Unit, frame: Frame): void {
    const needsInstance = declaration.parameters.length > 0;
    const scope = new Scope(needsInstance ? new Scope(frame.inside) : frame.inside);
    const module: Module = {
      name: frame.prefix + declaration.name.name,
      parameters: declaration.parameters,
      members: scope.names,
      types: new Map(),
      exported: new Set(),
      needsInstance,
      units: [],
      scope,
    };
    const hidden: Frame = {
      scope,
      inside: scope,
      list: needsInstance ? unit.inner : frame.list,
      parent: needsInstance ? unit : frame.parent,
      units: needsInstance ? unit.inner : frame.units,
      prefix: `${module.name}::`,
      exports: undefined,
      module,
      annotations: new Map(),
    };
    const exported: Frame = { ...hidden, exports: module.exported };
    this.#frames.set(declaration, { hidden, exported });
    this.#lookup.bindings.set(declaration.name, bindingIn(frame, declaration.name, 'module', unit, module));
    this.#enterUnits(declaration.hidden, hidden);
    this.#enterUnits(declaration.exported, exported);
    if (frame.module !== undefined) frame.module.units.push(...module.units);
  }

  #stage(stage: Stage, declarations: readonly Declaration[], frame: Frame): void {
    const later: InstanceDeclaration[] = [];
    for (const declaration of declarations) {
      const unit = this.#units.get(declaration);
      if (unit === undefined) continue;
      if (declaration.kind === 'instance' && stage === 'modules') later.push(declaration);
      else if (stage === 'modules') this.#enterNestedModules(declaration, frame);
      else if (stage === 'labels') this.#enterLabels(declaration, unit, frame);
      else if (stage === 'values') this.#enterValues(declaration, unit, frame);
      else {
        this.#bodies.resolve(declaration, unit, frame);
        this.#nested('bodies', declaration);
      }
    }
    for (const instance of later) enterInstance(instance, this.#units.get(instance)!, frame, this.#lookup);
  }

  #nested(stage: Stage, declaration: Declaration): void {
    const frames = this.#frames.get(declaration);
    if (frames === undefined) return;
    if (declaration.kind === 'timed') this.#stage(stage, declaration.declarations, frames.hidden);
    if (declaration.kind !== 'module') return;
    this.#stage(stage, declaration.hidden, frames.hidden);
    this.#stage(stage, declaration.exported, frames.exported);
  }

  #enterNestedModules(declaration: Declaration, frame: Frame): void {
    if (declaration.kind === 'module')
      define(declaration.name, this.#lookup.bindings.get(declaration.name)!, frame, this.#lookup);
    this.#nested('modules', declaration);
  }

  #enterLabels(declaration: Declaration, unit: Unit, frame: Frame): void {
    if (declaration.kind === 'channel') {
      for (const name of declaration.names) define(name, bindingIn(frame, name, 'label', unit), frame, this.#lookup);
    } else if (declaration.kind === 'datatype') {
      for (const { name } of declaration.constructors)
        define(name, bindingIn(frame, name, 'label', unit), frame, this.#lookup);
    } else if (declaration.kind === 'instance') {
      copyMembers(unit, 'label');
    }
    this.#nested('labels', declaration);
  }

  #enterValues(declaration: Declaration, unit: Unit, frame: Frame): void {
    switch (declaration.kind) {
      case 'function':
      case 'nametype':
      case 'subtype':
        define(declaration.name, bindingIn(frame, declaration.name, 'value', unit), frame, this.#lookup);
        break;
      case 'datatype': {
        const made = bindingIn(frame, declaration.name, 'value', unit);
        made.datatype = { name: made.name, comparable: false };
        made.constructors = declaration.constructors.map(({ name }) => this.#lookup.bindings.get(name)!);
        define(declaration.name, made, frame, this.#lookup);
        frame.scope.types.set(declaration.name.name, { kind: 'declared', binding: made });
        frame.module?.types.set(declaration.name.name, made);
        break;
      }
      case 'pattern':
        bindPattern(
          declaration.pattern,
          frame.inside,
          unit,
          (name) => {
            const made = bindingIn(frame, name, 'value', unit);
            define(name, made, frame, this.#lookup);
            return made;
          },
          this.#lookup,
        );
        break;
      case 'transparent':
      case 'external':
        for (const name of declaration.names) importFunction(name, declaration.kind, frame, this.#lookup);
        break;
      case 'instance':
        copyMembers(unit, 'value');
        break;
    }
    this.#nested('values', declaration);
  }
}
