/**
 * Unification, case by case. The cases follow the published behavior of libcspm's type checker (Gibson-Robinson), so that what FDR accepts is accepted here.
 */
import {
  classesOf,
  type Dotable,
  dotList,
  dotsOf,
  type Extendable,
  freeVariables,
  functionOf,
  headOf,
  NO_FIELDS,
  partsOf,
  sequenceOf,
  setOf,
  type Type,
  tupleOf,
  type Variable,
} from '../type.ts';
import type { Budget } from './budget.ts';
import { Classes } from './classes.ts';
import { Dots } from './dots.ts';
import { Mismatch } from './mismatch.ts';
import type { Variables } from './variables.ts';

export class Unification {
  readonly dots: Dots;
  readonly classes: Classes;
  readonly #variables: Variables;
  readonly #budget: Budget;
  #symmetric = true;

  constructor(variables: Variables, budget: Budget) {
    this.#variables = variables;
    this.#budget = budget;
    this.dots = new Dots((expected, actual) => this.unify(expected, actual), variables, budget);
    this.classes = new Classes(this.dots, variables, budget);
  }

  /** As `unify`, but a dot may not be taken for the completed value it stands for: no pattern `x.y` for a value of a datatype. */
  unifyOneWay(expected: Type, actual: Type): Type {
    const before = this.#symmetric;
    this.#symmetric = false;
    try {
      return this.unify(expected, actual);
    } finally {
      this.#symmetric = before;
    }
  }

  /** Makes two types equal, or throws a `Mismatch`; the answer is the more telling of the two. */
  unify(expected: Type, actual: Type): Type {
    this.#budget.enter();
    const type = this.#unifyHeads(headOf(expected), headOf(actual));
    this.#budget.leave();
    return type;
  }

  #unifyHeads(a: Type, b: Type): Type {
    if (a === b) return a;
    if (a.kind === 'anything' || b.kind === 'anything') return this.#variables.excuse(a.kind === 'anything' ? b : a);
    if (a.kind === 'variable') return b.kind === 'variable' ? this.#unifyVariables(a, b) : this.#bind(a, b);
    if (b.kind === 'variable') return this.#bind(b, a);
    switch (a.kind) {
      case 'int':
      case 'bool':
      case 'char':
      case 'proc':
        if (b.kind === a.kind) return a;
        break;
      case 'event':
        if (b.kind === 'event') return a;
        if (b.kind === 'dot') return this.#complete(b.left, b.right, a);
        break;
      case 'datatype':
        if (b.kind === 'datatype' && a.of === b.of) return a;
        if (b.kind === 'dot') return this.#complete(b.left, b.right, a);
        break;
      case 'set':
        if (b.kind === 'set') return setOf(this.unify(a.of, b.of));
        break;
      case 'sequence':
        if (b.kind === 'sequence') return sequenceOf(this.unify(a.of, b.of));
        break;
      case 'map':
        if (b.kind === 'map')
          return { kind: 'map', key: this.unify(a.key, b.key), value: this.unify(a.value, b.value) };
        break;
      case 'tuple':
        if (b.kind === 'tuple' && a.elements.length === b.elements.length)
          return tupleOf(a.elements.map((element, i) => this.unify(element, b.elements[i]!)));
        break;
      case 'function':
        if (b.kind === 'function' && a.parameters.length === b.parameters.length) {
          const parameters = a.parameters.map((parameter, i) => this.unify(parameter, b.parameters[i]!));
          return functionOf(parameters, this.unify(a.result, b.result));
        }
        break;
      case 'dot':
        if (b.kind === 'dot') return dotsOf(this.dots.combine(dotList(a), dotList(b)));
        if (b.kind === 'datatype' || b.kind === 'event' || b.kind === 'extendable' || b.kind === 'dotable') {
          if (!this.#symmetric) break;
          if (b.kind === 'dotable') {
            this.unify(a.left, { kind: 'dotable', from: a.right, to: b });
            return b;
          }
          const left = this.unify({ kind: 'dotable', from: a.right, to: b }, a.left);
          return b.kind === 'extendable' ? dotsOf([left, a.right]) : b;
        }
        break;
      case 'dotable':
        if (b.kind === 'dotable') return this.dots.unifyDotables(a, b);
        if (b.kind === 'dot') return this.#complete(b.left, b.right, a);
        if (b.kind === 'extendable') return this.#extendBy(b, a);
        break;
      case 'extendable':
        if (b.kind === 'dotable') return this.#extendBy(a, b);
        if (b.kind === 'dot') {
          // What is wanted may still be extended, so a variable at the end is taken for one field only.
          const parts = this.dots.supply(dotList(b), false);
          if (parts.length === 1) return this.unify(a, parts[0]!);
          const rest = dotsOf(parts.slice(1));
          return dotsOf([this.unify({ kind: 'dotable', from: rest, to: a }, parts[0]!), rest]);
        }
        if (b.kind === 'extendable') {
          const to = this.unify(a.to, b.to);
          const [from, into] = b.by.rigid !== undefined ? [a.by, b.by] : [b.by, a.by];
          if (from !== into) this.#variables.set(from, into);
          return { kind: 'extendable', to, by: into };
        }
        break;
      case 'noFields':
        if (b.kind === 'noFields') return a;
    }
    if (a.kind === 'extendable') return this.#finish(a, this.unify(a.to, b));
    if (b.kind === 'extendable') return this.#finish(b, this.unify(a, b.to));
    throw new Mismatch({ kind: 'different', expected: a, actual: b });
  }

  /** `left.right` is a `whole`. */
  #complete(left: Type, right: Type, whole: Type): Type {
    this.unify({ kind: 'dotable', from: right, to: whole }, left);
    return whole;
  }

  /** The extendable wants no more fields: it is what it extends to. */
  #finish(extendable: Extendable, type: Type): Type {
    this.#variables.set(extendable.by, NO_FIELDS);
    return type;
  }

  #extendBy(extendable: Extendable, dotable: Dotable): Type {
    const by = this.#variables.fresh();
    this.unify({ kind: 'extendable', to: extendable.to, by }, dotable.to);
    this.#variables.set(extendable.by, { kind: 'dotable', from: dotable.from, to: by });
    return { kind: 'dotable', from: dotable.from, to: { kind: 'extendable', to: extendable.to, by } };
  }

  #unifyVariables(a: Variable, b: Variable): Type {
    if (a.rigid !== undefined && b.rigid !== undefined)
      throw new Mismatch({ kind: 'different', expected: a, actual: b });
    const [from, into] = a.rigid !== undefined ? [b, a] : [a, b];
    return this.#bind(from, into);
  }

  #bind(variable: Variable, type: Type): Type {
    for (const wanted of classesOf(variable.classes)) this.classes.require(wanted, type);
    // A class may have completed the type, or even bound the variable itself.
    let target = headOf(type);
    if (variable.link !== undefined) return this.unify(variable, target);
    if (this.#occurs(variable, target)) {
      target = this.dots.evaluate(target);
      if (target === variable) return target;
      if (variable.link !== undefined) return this.unify(variable, target);
      if (this.#occurs(variable, target)) throw new Mismatch({ kind: 'infinite', variable, type: target });
    }
    this.#variables.set(variable, target);
    return target;
  }

  /** Whether the variable is in the type; if not, the type's variables come up to its level. */
  #occurs(variable: Variable, type: Type): boolean {
    if (type.kind !== 'variable' && type.kind !== 'extendable' && partsOf(type).length === 0) return false;
    const inside = freeVariables(type);
    if (inside.has(variable)) return true;
    for (const each of inside) this.#variables.lower(each, variable.level);
    return false;
  }
}
