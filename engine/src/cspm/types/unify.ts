/**
 * Unification with dots.
 *
 * A dot list says how values were written side by side; which parts complete which is decided here, with two rules:
 * a variable in the middle of a list stands for one field (shortest match), a variable at its end for all fields still missing (longest match).
 * The cases follow the published behavior of libcspm's type checker (Gibson-Robinson), so that what FDR accepts is accepted here.
 *
 * Every binding goes through `#record`, so that a failed attempt is undone by `undoTo`.
 */
import {
  ANYTHING,
  belongs,
  classBits,
  classesOf,
  type DatatypeName,
  type Dotable,
  dotableOf,
  dotList,
  dotsOf,
  type Extendable,
  fieldsOf,
  freeVariables,
  functionOf,
  GENERIC,
  hasDots,
  headOf,
  NO_FIELDS,
  partsOf,
  sequenceOf,
  setOf,
  type Type,
  type TypeClass,
  tupleOf,
  type Variable,
} from './type.ts';

/** Why two types do not unify. Thrown inside the type checker only; its callers turn it into a diagnostic. */
export class Mismatch extends Error {
  readonly reason: MismatchReason;
  constructor(reason: MismatchReason) {
    super(reason.kind);
    this.name = 'Mismatch';
    this.reason = reason;
  }
}
export type MismatchReason =
  | { readonly kind: 'different'; readonly expected: Type; readonly actual: Type }
  | { readonly kind: 'class'; readonly class: TypeClass; readonly type: Type }
  | { readonly kind: 'infinite'; readonly variable: Variable; readonly type: Type }
  | { readonly kind: 'too large' };

/** Types nested deeper than this, and unifications longer than this, come only from scripts made to break a checker. */
const DEPTH_MAX = 400;
const STEPS_MAX = 4_000_000;

interface Change {
  readonly variable: Variable;
  readonly link: Type | undefined;
  readonly classes: number;
  readonly level: number;
}

export class Unification {
  /** The level new variables are born at. */
  level = 0;
  #symmetric = true;
  #nextId = 0;
  #depth = 0;
  #steps = 0;
  #changes: Change[] = [];

  fresh(...classes: TypeClass[]): Variable {
    return this.#variable(classBits(classes), undefined);
  }

  rigid(name: string, classes: readonly TypeClass[]): Variable {
    return this.#variable(classBits(classes), name);
  }

  #variable(classes: number, rigid: string | undefined): Variable {
    return { kind: 'variable', id: this.#nextId++, link: undefined, classes, level: this.level, rigid };
  }

  /** A place to come back to with `undoTo`. */
  mark(): number {
    return this.#changes.length;
  }

  undoTo(mark: number): void {
    this.#depth = 0;
    this.#symmetric = true;
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
    this.#steps = 0;
  }

  /** Whether this group of declarations has used up its steps: from now on everything in it is refused. */
  get exhausted(): boolean {
    return this.#steps > STEPS_MAX;
  }

  #record(variable: Variable): void {
    this.#changes.push({ variable, link: variable.link, classes: variable.classes, level: variable.level });
  }

  #enter(): void {
    if (++this.#depth > DEPTH_MAX || ++this.#steps > STEPS_MAX) throw new Mismatch({ kind: 'too large' });
  }

  /** As `unify`, but a dot may not be taken for the completed value it stands for: no pattern `x.y` for a value of a datatype. */
  unifyOneWay(expected: Type, actual: Type): Type {
    const before = this.#symmetric;
    this.#symmetric = false;
    const type = this.unify(expected, actual);
    this.#symmetric = before;
    return type;
  }

  /** Makes two types equal, or throws a `Mismatch`; the answer is the more telling of the two. */
  unify(expected: Type, actual: Type): Type {
    this.#enter();
    const type = this.#unifyHeads(headOf(expected), headOf(actual));
    this.#depth--;
    return type;
  }

  #unifyHeads(a: Type, b: Type): Type {
    if (a === b) return a;
    if (a.kind === 'anything' || b.kind === 'anything') return this.#excuse(a.kind === 'anything' ? b : a);
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
        if (b.kind === 'dot') return dotsOf(this.#combine(dotList(a), dotList(b)));
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
        if (b.kind === 'dotable') return this.#unifyDotables(a, b);
        if (b.kind === 'dot') return this.#complete(b.left, b.right, a);
        if (b.kind === 'extendable') return this.#extendBy(b, a);
        break;
      case 'extendable':
        if (b.kind === 'dotable') return this.#extendBy(a, b);
        if (b.kind === 'dot') {
          // What is wanted may still be extended, so a variable at the end is taken for one field only.
          const parts = this.#supply(dotList(b), false);
          if (parts.length === 1) return this.unify(a, parts[0]!);
          const rest = dotsOf(parts.slice(1));
          return dotsOf([this.unify({ kind: 'dotable', from: rest, to: a }, parts[0]!), rest]);
        }
        if (b.kind === 'extendable') {
          const to = this.unify(a.to, b.to);
          const [from, into] = b.by.rigid !== undefined ? [a.by, b.by] : [b.by, a.by];
          if (from !== into) this.#set(from, into);
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

  /** What met a type in error can be settled by it no more, and is no second error. */
  #excuse(type: Type): Type {
    for (const variable of freeVariables(type)) {
      if (variable.rigid === undefined && variable.level !== GENERIC) this.#set(variable, ANYTHING);
    }
    return ANYTHING;
  }

  /** `left.right` is a `whole`. */
  #complete(left: Type, right: Type, whole: Type): Type {
    this.unify({ kind: 'dotable', from: right, to: whole }, left);
    return whole;
  }

  /** The extendable wants no more fields: it is what it extends to. */
  #finish(extendable: Extendable, type: Type): Type {
    this.#set(extendable.by, NO_FIELDS);
    return type;
  }

  #extendBy(extendable: Extendable, dotable: Dotable): Type {
    const by = this.fresh();
    this.unify({ kind: 'extendable', to: extendable.to, by }, dotable.to);
    this.#set(extendable.by, { kind: 'dotable', from: dotable.from, to: by });
    return { kind: 'dotable', from: dotable.from, to: { kind: 'extendable', to: extendable.to, by } };
  }

  #unifyDotables(a: Dotable, b: Dotable): Type {
    const left = fieldsOf(a);
    const right = fieldsOf(b);
    const openLeft = left.result.kind === 'extendable';
    const openRight = right.result.kind === 'extendable';
    if (!openLeft && !openRight) {
      const result = this.unify(left.result, right.result);
      return { kind: 'dotable', from: dotsOf(this.#combine(left.fields, right.fields)), to: result };
    }
    if (openLeft && openRight) {
      const result = this.unify(left.result, right.result);
      const ofLeft = this.#supply(left.fields, true);
      const ofRight = this.#supply(right.fields, true);
      const shared = this.#unifyResults(ofLeft, ofRight, true, true);
      const longer = ofLeft.length === shared.length ? ofRight : ofLeft;
      return { kind: 'dotable', from: dotsOf([...shared, ...longer.slice(shared.length)]), to: result };
    }
    // One of the two knows its fields: those the other has are a beginning of them, what remains is what it is extended by.
    const ofLeft = this.#supply(left.fields, true);
    const ofRight = this.#supply(right.fields, true);
    const shared = this.#unifyResults(ofLeft, ofRight, openLeft, openRight);
    const count = shared.length;
    const open = openLeft ? left.result : right.result;
    const closed = openLeft ? right.result : left.result;
    this.unify(open, dotableOf((openLeft ? ofRight : ofLeft).slice(count), closed));
    const longer = ofLeft.length > count ? ofLeft : ofRight;
    return { kind: 'dotable', from: dotsOf([...shared, ...longer.slice(count)]), to: closed };
  }

  #unifyResults(a: readonly Type[], b: readonly Type[], finishA: boolean, finishB: boolean): Type[] {
    const shared: Type[] = [];
    for (let i = 0; i < a.length && i < b.length; i++) {
      const left = finishA ? fieldsOf(a[i]!).result : a[i]!;
      const right = finishB ? fieldsOf(b[i]!).result : b[i]!;
      shared.push(this.unify(left, right));
    }
    return shared;
  }

  /** Makes two dot lists equal. A dotable at the head of a list takes what follows it, until both heads are values. */
  #combine(as: readonly Type[], bs: readonly Type[]): Type[] {
    const done: Type[] = [];
    let left = atoms(as);
    let right = atoms(bs);
    for (;;) {
      if (left.some(isAnything) || right.some(isAnything)) return [this.#excuse(dotsOf([...left, ...right]))];
      this.#steps++;
      if (right.length === 1 || left.length === 1) {
        done.push(this.unify(dotsOf(left), dotsOf(right)));
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
        done.push(this.unify(a, b));
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
    const both = (own: Type, other: Type) => (mineExpected ? this.unify(own, other) : this.unify(other, own));
    if (want.kind === 'dotable') {
      this.unify(want, next);
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
      const [first, ...rest] = this.#supply([...theirs], true);
      done.push(both(result, first!));
      if (mineExpected) this.unify(dotsOf([...fields, ...rest]), next);
      else this.unify(next, dotsOf([...fields, ...rest]));
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
  #supply(types: readonly Type[], longest: boolean): Type[] {
    const out: Type[] = [];
    let parts = types.flatMap(dotList);
    for (;;) {
      this.#steps++;
      if (this.#steps > STEPS_MAX) throw new Mismatch({ kind: 'too large' });
      if (parts.length <= 1) return [...out, ...parts];
      if (parts.some(isAnything)) return [...out, this.#excuse(dotsOf(parts))];
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
            this.unify(next, dotsOf(fields));
            return [...out, result];
          }
          this.unify(fields[0]!, next);
          return [...out, dotableOf(fields.slice(1), result)];
        } else if (next.kind === 'extendable') {
          this.unify(want, next.to);
          parts = [{ kind: 'extendable', to: first.to, by: next.by }, ...after];
        } else if (next.kind !== 'dotable' || want.kind === 'dotable') {
          this.unify(want, next);
          parts = [...dotList(first.to), ...after];
        } else {
          const { fields, result } = fieldsOf(next);
          this.unify(want, result);
          parts = [dotableOf(fields, first.to), ...after];
        }
      } else if (first.kind === 'extendable') {
        if (longest) {
          const fields = this.#supply(parts.slice(1), true);
          this.#set(first.by, dotableOf(fields, NO_FIELDS));
          return [...out, first.to];
        }
        this.#set(first.by, { kind: 'dotable', from: next, to: NO_FIELDS });
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
        return dotsOf(this.#supply(dotList(here), true));
      default:
        return here;
    }
  }

  #evaluateInside(type: Type): Type {
    this.#enter();
    const evaluated = this.#evaluate(type);
    this.#depth--;
    return evaluated;
  }

  /** Makes a type belong to a class, or throws a `Mismatch`. */
  require(wanted: TypeClass, type: Type): void {
    this.#enter();
    this.#requireOfHead(wanted, headOf(type));
    this.#depth--;
  }

  #requireOfHead(wanted: TypeClass, type: Type): void {
    const refused = () => new Mismatch({ kind: 'class', class: wanted, type });
    if (type.kind === 'variable') {
      if (belongs(type.classes, wanted)) return;
      if (type.rigid !== undefined) throw refused();
      this.#record(type);
      type.classes |= classBits([wanted]);
      return;
    }
    if (type.kind === 'extendable') {
      if (wanted === 'Yieldable') this.#set(type.by, NO_FIELDS);
      else if (wanted === 'Complete') {
        this.require(wanted, type.to);
        this.#set(type.by, NO_FIELDS);
      } else if (wanted === 'Ord') throw refused();
      return;
    }
    if (type.kind === 'anything') return;
    if (wanted === 'Yieldable') {
      if (type.kind === 'datatype' || type.kind === 'event') return;
      if (type.kind !== 'dot') throw refused();
      const whole = this.evaluate(type);
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
        const whole = wanted === 'Complete' ? this.evaluate(type) : type;
        if (whole.kind === 'dot') for (const part of dotList(whole)) this.require(wanted, part);
        else this.require(wanted, whole);
        return;
      }
      default:
        throw refused();
    }
  }

  #unifyVariables(a: Variable, b: Variable): Type {
    if (a.rigid !== undefined && b.rigid !== undefined)
      throw new Mismatch({ kind: 'different', expected: a, actual: b });
    const [from, into] = a.rigid !== undefined ? [b, a] : [a, b];
    return this.#bind(from, into);
  }

  #bind(variable: Variable, type: Type): Type {
    for (const wanted of classesOf(variable.classes)) this.require(wanted, type);
    // A class may have completed the type, or even bound the variable itself.
    let target = headOf(type);
    if (variable.link !== undefined) return this.unify(variable, target);
    if (this.#occurs(variable, target)) {
      target = this.evaluate(target);
      if (target === variable) return target;
      if (variable.link !== undefined) return this.unify(variable, target);
      if (this.#occurs(variable, target)) throw new Mismatch({ kind: 'infinite', variable, type: target });
    }
    this.#set(variable, target);
    return target;
  }

  /** Whether the variable is in the type; if not, the type's variables come up to its level. */
  #occurs(variable: Variable, type: Type): boolean {
    if (type.kind !== 'variable' && type.kind !== 'extendable' && partsOf(type).length === 0) return false;
    const inside = freeVariables(type);
    if (inside.has(variable)) return true;
    for (const each of inside) this.#lower(each, variable.level);
    return false;
  }

  #lower(variable: Variable, level: number): void {
    if (variable.level <= level || variable.level === GENERIC) return;
    this.#record(variable);
    variable.level = level;
  }

  #set(variable: Variable, type: Type): void {
    if (variable.rigid !== undefined) throw new Mismatch({ kind: 'different', expected: variable, actual: type });
    this.#record(variable);
    variable.link = type;
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
    for (const variable of freeVariables(type)) this.#lower(variable, this.level);
  }

  /** The type with fresh variables for the quantified ones. */
  instantiate(type: Type): Type {
    const fresh = new Map<Variable, Type>();
    for (const variable of freeVariables(type)) {
      if (variable.level === GENERIC) fresh.set(variable, this.#variable(variable.classes, undefined));
    }
    return fresh.size === 0 ? type : this.substitute(type, { variables: fresh, datatypes: new Map() });
  }

  /** The type with variables and datatypes replaced; shared parts stay shared. */
  substitute(type: Type, by: Substitution): Type {
    this.#enter();
    const here = headOf(type);
    const inner = (part: Type) => this.substitute(part, by);
    let out: Type = here;
    switch (here.kind) {
      case 'variable':
        out = by.variables.get(here) ?? here;
        break;
      case 'datatype': {
        const of = by.datatypes.get(here.of);
        if (of !== undefined) out = { kind: 'datatype', of };
        break;
      }
      case 'set':
      case 'sequence':
        out = { kind: here.kind, of: inner(here.of) };
        break;
      case 'tuple':
        out = tupleOf(here.elements.map(inner));
        break;
      case 'map':
        out = { kind: 'map', key: inner(here.key), value: inner(here.value) };
        break;
      case 'function':
        out = functionOf(here.parameters.map(inner), inner(here.result));
        break;
      case 'dot':
        out = dotsOf(dotList(here).map(inner));
        break;
      case 'dotable': {
        const { fields, result } = fieldsOf(here);
        out = dotableOf(fields.map(inner), inner(result));
        break;
      }
      case 'extendable': {
        const replaced = by.variables.get(here.by);
        out = { kind: 'extendable', to: inner(here.to), by: replaced?.kind === 'variable' ? replaced : here.by };
        break;
      }
    }
    this.#depth--;
    return out;
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

export interface Substitution {
  readonly variables: ReadonlyMap<Variable, Type>;
  readonly datatypes: ReadonlyMap<DatatypeName, DatatypeName>;
}
