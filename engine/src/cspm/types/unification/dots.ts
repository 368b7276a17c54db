/**
 * Lists of dots: `a.b.c` says how values were written side by side; which parts complete which is decided here, with two rules:
 * a variable in the middle of a list stands for one field (shortest match), a variable at its end for all fields still missing (longest match).
 */
import {
  type Dotable,
  dotableOf,
  dotList,
  dotsOf,
  fieldsOf,
  functionOf,
  hasDots,
  headOf,
  NO_FIELDS,
  type Type,
  tupleOf,
} from '../type.ts';
import type { Budget } from './budget.ts';
import type { Variables } from './variables.ts';

export class Dots {
  /** Makes two types equal. Passed in, because types and dots contain each other. */
  readonly #unify: (expected: Type, actual: Type) => Type;
  readonly #variables: Variables;
  readonly #budget: Budget;

  constructor(unify: (expected: Type, actual: Type) => Type, variables: Variables, budget: Budget) {
    this.#unify = unify;
    this.#variables = variables;
    this.#budget = budget;
  }

  /** Makes two types equal that both want fields. */
  unifyDotables(a: Dotable, b: Dotable): Type {
    const left = fieldsOf(a);
    const right = fieldsOf(b);
    const openLeft = left.result.kind === 'extendable';
    const openRight = right.result.kind === 'extendable';
    if (!openLeft && !openRight) {
      const result = this.#unify(left.result, right.result);
      return { kind: 'dotable', from: dotsOf(this.combine(left.fields, right.fields)), to: result };
    }
    if (openLeft && openRight) {
      const result = this.#unify(left.result, right.result);
      const ofLeft = this.supply(left.fields, true);
      const ofRight = this.supply(right.fields, true);
      const shared = this.#unifyResults(ofLeft, ofRight, true, true);
      const longer = ofLeft.length === shared.length ? ofRight : ofLeft;
      return { kind: 'dotable', from: dotsOf([...shared, ...longer.slice(shared.length)]), to: result };
    }
    // One of the two knows its fields: those the other has are a beginning of them, what remains is what it is extended by.
    const ofLeft = this.supply(left.fields, true);
    const ofRight = this.supply(right.fields, true);
    const shared = this.#unifyResults(ofLeft, ofRight, openLeft, openRight);
    const count = shared.length;
    const open = openLeft ? left.result : right.result;
    const closed = openLeft ? right.result : left.result;
    this.#unify(open, dotableOf((openLeft ? ofRight : ofLeft).slice(count), closed));
    const longer = ofLeft.length > count ? ofLeft : ofRight;
    return { kind: 'dotable', from: dotsOf([...shared, ...longer.slice(count)]), to: closed };
  }

  #unifyResults(a: readonly Type[], b: readonly Type[], finishA: boolean, finishB: boolean): Type[] {
    const shared: Type[] = [];
    for (let i = 0; i < a.length && i < b.length; i++) {
      const left = finishA ? fieldsOf(a[i]!).result : a[i]!;
      const right = finishB ? fieldsOf(b[i]!).result : b[i]!;
      shared.push(this.#unify(left, right));
    }
    return shared;
  }

  /** Makes two dot lists equal. A dotable at the head of a list takes what follows it, until both heads are values. */
  combine(as: readonly Type[], bs: readonly Type[]): Type[] {
    const done: Type[] = [];
    let left = atoms(as);
    let right = atoms(bs);
    for (;;) {
      if (left.some(isAnything) || right.some(isAnything)) return [this.#variables.excuse(dotsOf([...left, ...right]))];
      this.#budget.spend();
      if (right.length === 1 || left.length === 1) {
        done.push(this.#unify(dotsOf(left), dotsOf(right)));
        return done;
      }
      const a = left[0]!;
      const b = right[0]!;
      if (a.kind === 'dotable') {
        const taken = this.#take(a, left, right, true, done);
        if (taken === undefined) return done;
        left = taken;
      } else if (b.kind === 'dotable') {
        const taken = this.#take(b, right, left, false, done);
        if (taken === undefined) return done;
        right = taken;
      } else {
        done.push(this.#unify(a, b));
        left = atoms(left.slice(1));
        right = atoms(right.slice(1));
      }
    }
  }

  /** One step of `head` taking its next part; `undefined` when that settled both lists. */
  #take(
    head: Dotable,
    mine: readonly Type[],
    theirs: readonly Type[],
    mineExpected: boolean,
    done: Type[],
  ): Type[] | undefined {
    const want = headOf(head.from);
    const next = headOf(mine[1]!);
    const after = mine.slice(2);
    const both = (own: Type, other: Type) => (mineExpected ? this.#unify(own, other) : this.#unify(other, own));
    if (want.kind === 'dotable') {
      this.#unify(want, next);
      return atoms([head.to, ...after]);
    }
    if (next.kind === 'dotable') {
      // The next part is itself incomplete: with its own fields it becomes what is wanted.
      const { fields, result } = fieldsOf(next);
      both(want, result);
      return [dotableOf(fields, head.to), ...after];
    }
    if (next.kind === 'variable' && after.length === 0) {
      const { fields, result } = fieldsOf(head);
      const [first, ...rest] = this.supply([...theirs], true);
      done.push(both(result, first!));
      if (mineExpected) this.#unify(dotsOf([...fields, ...rest]), next);
      else this.#unify(next, dotsOf([...fields, ...rest]));
      done.push(...rest);
      return undefined;
    }
    both(want, next);
    return atoms([head.to, ...after]);
  }

  /**
   * A dot list with every dotable given the parts that follow it. At the end of the list a variable is taken for all fields
   * still wanted (`longest`), or for one.
   */
  supply(types: readonly Type[], longest: boolean): Type[] {
    const out: Type[] = [];
    let parts = types.flatMap(dotList);
    for (;;) {
      this.#budget.spend();
      if (parts.length <= 1) return [...out, ...parts];
      if (parts.some(isAnything)) return [...out, this.#variables.excuse(dotsOf(parts))];
      const first = headOf(parts[0]!);
      const next = headOf(parts[1]!);
      const after = parts.slice(2);
      if (first.kind === 'dotable') {
        const want = headOf(first.from);
        if (want.kind === 'dot') {
          parts = [dotableOf(dotList(want), first.to), ...parts.slice(1)];
        } else if (next.kind === 'variable' && after.length === 0) {
          const { fields, result } = fieldsOf(first);
          if (longest) {
            this.#unify(next, dotsOf(fields));
            return [...out, result];
          }
          this.#unify(fields[0]!, next);
          return [...out, dotableOf(fields.slice(1), result)];
        } else if (next.kind === 'extendable') {
          this.#unify(want, next.to);
          parts = [{ kind: 'extendable', to: first.to, by: next.by }, ...after];
        } else if (next.kind !== 'dotable' || want.kind === 'dotable') {
          this.#unify(want, next);
          parts = [...dotList(first.to), ...after];
        } else {
          const { fields, result } = fieldsOf(next);
          this.#unify(want, result);
          parts = [dotableOf(fields, first.to), ...after];
        }
      } else if (first.kind === 'extendable') {
        if (longest) {
          const fields = this.supply(parts.slice(1), true);
          this.#variables.set(first.by, dotableOf(fields, NO_FIELDS));
          return [...out, first.to];
        }
        this.#variables.set(first.by, { kind: 'dotable', from: next, to: NO_FIELDS });
        parts = [...dotList(first.to), ...after];
      } else {
        out.push(first);
        parts = parts.slice(1).flatMap(dotList);
      }
    }
  }

  /** The type with dots worked out wherever its parts are known; by the rule of the longest match. */
  evaluate(type: Type): Type {
    return hasDots(type) ? this.#evaluate(type) : headOf(type);
  }

  #evaluate(type: Type): Type {
    const here = headOf(type);
    switch (here.kind) {
      case 'set':
      case 'sequence': {
        const of = this.#evaluateInside(here.of);
        return of === here.of ? here : { kind: here.kind, of };
      }
      case 'map':
        return { kind: 'map', key: this.#evaluateInside(here.key), value: this.#evaluateInside(here.value) };
      case 'tuple':
        return tupleOf(here.elements.map((element) => this.#evaluateInside(element)));
      case 'function':
        return functionOf(
          here.parameters.map((parameter) => this.#evaluateInside(parameter)),
          this.#evaluateInside(here.result),
        );
      case 'dot':
        return dotsOf(this.supply(dotList(here), true));
      default:
        return here;
    }
  }

  #evaluateInside(type: Type): Type {
    this.#budget.enter();
    const evaluated = this.#evaluate(type);
    this.#budget.leave();
    return evaluated;
  }
}

function isAnything(type: Type): boolean {
  return headOf(type).kind === 'anything';
}

/** A list without dots inside, each of its dotables taking one field at a time. */
function atoms(types: readonly Type[]): Type[] {
  return types.flatMap(dotList).map((type) => {
    if (type.kind !== 'dotable') return type;
    const { fields, result } = fieldsOf(type);
    return dotableOf(fields, result);
  });
}
