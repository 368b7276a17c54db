/**
 * The variables of types: their birth, what they are bound to, and the trail of all changes to them.
 *
 * Every change goes through `#record`, so that a failed attempt is undone by `undoTo`; only quantifying is for ever. Levels say which group of declarations a variable
 * belongs to: D. Rémy, Extension of ML type system with a sorted equational theory on types (1992).
 */
import { ANYTHING, classBits, freeVariables, GENERIC, type Type, type TypeClass, type Variable } from '../type.ts';
import { Mismatch } from './mismatch.ts';

interface Change {
  readonly variable: Variable;
  readonly link: Type | undefined;
  readonly classes: number;
  readonly level: number;
}

export class Variables {
  /** The level new variables are born at. */
  level = 0;
  #nextId = 0;
  #changes: Change[] = [];

  fresh(...classes: TypeClass[]): Variable {
    return this.born(classBits(classes));
  }

  rigid(name: string, classes: readonly TypeClass[]): Variable {
    return this.born(classBits(classes), name);
  }

  /** A variable of the classes with these bits; `rigid` if an annotation names it. */
  born(classes: number, rigid?: string): Variable {
    return { kind: 'variable', id: this.#nextId++, link: undefined, classes, level: this.level, rigid };
  }

  /** A place to come back to with `undoTo`. */
  mark(): number {
    return this.#changes.length;
  }

  undoTo(mark: number): void {
    while (this.#changes.length > mark) {
      const { variable, link, classes, level } = this.#changes.pop()!;
      variable.link = link;
      variable.classes = classes;
      variable.level = level;
    }
  }

  /** Between groups of declarations nothing will be undone any more. */
  forget(): void {
    this.#changes = [];
  }

  /** Binds a variable. Throws a `Mismatch` for one that an annotation names: it stands for every type. */
  set(variable: Variable, type: Type): void {
    if (variable.rigid !== undefined) throw new Mismatch({ kind: 'different', expected: variable, actual: type });
    this.#record(variable);
    variable.link = type;
  }

  /** The variable belongs to a class from now on. */
  narrow(variable: Variable, to: TypeClass): void {
    this.#record(variable);
    variable.classes |= classBits([to]);
  }

  /** The variable comes up to `level`, if it is deeper. */
  lower(variable: Variable, level: number): void {
    if (variable.level <= level || variable.level === GENERIC) return;
    this.#record(variable);
    variable.level = level;
  }

  /** What met a type in error can be settled by it no more, and is no second error. */
  excuse(type: Type): Type {
    for (const variable of freeVariables(type)) {
      if (variable.rigid === undefined && variable.level !== GENERIC) this.set(variable, ANYTHING);
    }
    return ANYTHING;
  }

  /** Quantifies the variables of a type that belong to no surrounding group; whether there are any. */
  generalize(type: Type): boolean {
    let some = false;
    for (const variable of freeVariables(type)) {
      if (variable.level > this.level) variable.level = GENERIC;
      some ||= variable.level === GENERIC;
    }
    return some;
  }

  /** The variables of a type now belong to the surrounding group: they will be quantified with it, not before. */
  keep(type: Type): void {
    for (const variable of freeVariables(type)) this.lower(variable, this.level);
  }

  #record(variable: Variable): void {
    this.#changes.push({ variable, link: variable.link, classes: variable.classes, level: variable.level });
  }
}
