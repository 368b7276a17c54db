/** Which types belong to which class: what can be compared, ordered, put in a set, chosen from, or completed by dots. */
import { belongs, dotList, fieldsOf, headOf, NO_FIELDS, partsOf, type Type, type TypeClass } from '../type.ts';
import type { Budget } from './budget.ts';
import type { Dots } from './dots.ts';
import { Mismatch } from './mismatch.ts';
import type { Variables } from './variables.ts';

export class Classes {
  readonly #dots: Dots;
  readonly #variables: Variables;
  readonly #budget: Budget;

  constructor(dots: Dots, variables: Variables, budget: Budget) {
    this.#dots = dots;
    this.#variables = variables;
    this.#budget = budget;
  }

  /** Makes a type belong to a class, or throws a `Mismatch`. */
  require(wanted: TypeClass, type: Type): void {
    this.#budget.enter();
    this.#requireOfHead(wanted, headOf(type));
    this.#budget.leave();
  }

  #requireOfHead(wanted: TypeClass, type: Type): void {
    const refused = () => new Mismatch({ kind: 'class', class: wanted, type });
    if (type.kind === 'variable') {
      if (belongs(type.classes, wanted)) return;
      if (type.rigid !== undefined) throw refused();
      this.#variables.narrow(type, wanted);
      return;
    }
    if (type.kind === 'extendable') {
      if (wanted === 'Yieldable') this.#variables.set(type.by, NO_FIELDS);
      else if (wanted === 'Complete') {
        this.require(wanted, type.to);
        this.#variables.set(type.by, NO_FIELDS);
      } else if (wanted === 'Ord') throw refused();
      return;
    }
    if (type.kind === 'anything') return;
    if (wanted === 'Yieldable') {
      if (type.kind === 'datatype' || type.kind === 'event') return;
      if (type.kind !== 'dot') throw refused();
      const whole = this.#dots.evaluate(type);
      if (whole.kind === 'dot') throw refused();
      this.require(wanted, whole);
      return;
    }
    switch (type.kind) {
      case 'int':
      case 'char':
        return;
      case 'bool':
      case 'event':
        if (wanted === 'Ord') throw refused();
        return;
      case 'proc':
        if (wanted !== 'Set' && wanted !== 'Complete') throw refused();
        return;
      case 'datatype':
        if (wanted === 'Ord' || (wanted === 'Eq' && !type.of.comparable)) throw refused();
        return;
      case 'sequence':
      case 'set':
        // `<` on sequences is the prefix order and on sets inclusion: both need only equality of the members.
        if (wanted !== 'Complete') this.require(wanted === 'Ord' ? 'Eq' : wanted, type.of);
        return;
      case 'tuple':
      case 'map':
        if (wanted !== 'Complete') for (const part of partsOf(type)) this.require(wanted, part);
        return;
      case 'dotable': {
        if (wanted !== 'Eq' && wanted !== 'Set') throw refused();
        const { fields, result } = fieldsOf(type);
        for (const part of [...fields, result]) this.require(wanted, part);
        return;
      }
      case 'dot': {
        if (wanted === 'Ord') throw refused();
        const whole = wanted === 'Complete' ? this.#dots.evaluate(type) : type;
        if (whole.kind === 'dot') for (const part of dotList(whole)) this.require(wanted, part);
        else this.require(wanted, whole);
        return;
      }
      default:
        throw refused();
    }
  }
}
