/**
 * The types of CSPM.
 *
 * Events and members of datatypes are built with dots, so the type language has three kinds beyond those of ML:
 *   - `a.b`, two values put together by a dot, not yet known to complete anything;
 *   - `a=>b`, what becomes a `b` when dotted with an `a`: the type of a channel or constructor with fields;
 *   - `a=>*b`, what becomes a `b` when dotted with something, the variable `a`, perhaps with nothing at all.
 *
 * T. Gibson-Robinson, "CSPM type checking", in the FDR manual; the type checker of libcspm.
 */

export type Type =
  | Atom
  | Datatype
  | SetType
  | SequenceType
  | TupleType
  | MapType
  | FunctionType
  | Dot
  | Dotable
  | Extendable
  | NoFields
  | Anything
  | Variable;

export type Atom =
  | { readonly kind: 'int' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'char' }
  | { readonly kind: 'proc' }
  | { readonly kind: 'event' };

/** What a datatype is known by: two datatypes are equal when their declarations are the same object. */
export interface DatatypeName {
  readonly name: string;
  /** Whether members may be compared with `==`: false when a field holds, say, processes. */
  comparable: boolean;
}
export interface Datatype {
  readonly kind: 'datatype';
  readonly of: DatatypeName;
}
export interface SetType {
  readonly kind: 'set';
  readonly of: Type;
}
export interface SequenceType {
  readonly kind: 'sequence';
  readonly of: Type;
}
export interface TupleType {
  readonly kind: 'tuple';
  readonly elements: readonly Type[];
}
export interface MapType {
  readonly kind: 'map';
  readonly key: Type;
  readonly value: Type;
}
export interface FunctionType {
  readonly kind: 'function';
  readonly parameters: readonly Type[];
  readonly result: Type;
}
export interface Dot {
  readonly kind: 'dot';
  readonly left: Type;
  readonly right: Type;
}
export interface Dotable {
  readonly kind: 'dotable';
  readonly from: Type;
  readonly to: Type;
}
export interface Extendable {
  readonly kind: 'extendable';
  readonly to: Type;
  /** Bound to `NoFields`, or to a `Dotable` chain that ends in `NoFields` or a variable, as the fields become known. */
  readonly by: Variable;
}
/** Stands only behind the `by` of an extendable: no field is missing any more. */
export interface NoFields {
  readonly kind: 'noFields';
}
/** The type of what has an error that was reported: equal to every type, so that one mistake is one message. */
export interface Anything {
  readonly kind: 'anything';
}
export interface Variable {
  readonly kind: 'variable';
  readonly id: number;
  /** The type this variable was found to be. */
  link: Type | undefined;
  /** Bits of `TypeClass`. */
  classes: number;
  /** How deep in the groups of declarations it was born; a variable deeper than a group's surroundings is generalized with it. */
  level: number;
  /** The name given by a type annotation; such a variable stands for every type and is never bound. */
  readonly rigid: string | undefined;
}

/** The level of a quantified variable: it stands for a fresh one at every use. */
export const GENERIC = Number.POSITIVE_INFINITY;

export const INT: Atom = { kind: 'int' };
export const BOOL: Atom = { kind: 'bool' };
export const CHAR: Atom = { kind: 'char' };
export const PROC: Atom = { kind: 'proc' };
export const EVENT: Atom = { kind: 'event' };
export const ANYTHING: Anything = { kind: 'anything' };
export const NO_FIELDS: NoFields = { kind: 'noFields' };
export const EVENTS: SetType = { kind: 'set', of: EVENT };
export const STRING: SequenceType = { kind: 'sequence', of: CHAR };

/** The types that annotations may name without declaring them. */
export const NAMED_ATOMS: ReadonlyMap<string, Atom> = new Map<string, Atom>([
  ['Int', INT],
  ['Bool', BOOL],
  ['Char', CHAR],
  ['Proc', PROC],
  ['Event', EVENT],
]);

/**
 * `Eq`: comparable with `==`. `Ord`: with `<`. `Set`: may be put in a set (processes may, though they cannot be compared).
 * `Complete`: may be input on a channel, nothing is left to dot. `Yieldable`: a dot expression may end in it, that is events and datatypes.
 */
export type TypeClass = 'Eq' | 'Ord' | 'Complete' | 'Set' | 'Yieldable';

export const TYPE_CLASSES: readonly TypeClass[] = ['Eq', 'Ord', 'Complete', 'Set', 'Yieldable'];

const BIT: Readonly<Record<TypeClass, number>> = { Eq: 1, Ord: 2, Complete: 4, Set: 8, Yieldable: 16 };

export function classBits(classes: readonly TypeClass[]): number {
  return classes.reduce((bits, each) => bits | BIT[each], 0);
}

export function classesOf(bits: number): readonly TypeClass[] {
  return bits === 0 ? [] : TYPE_CLASSES.filter((each) => (bits & BIT[each]) !== 0);
}

/** Whether a variable with these bits belongs to the class; what is comparable may also be put in a set. */
export function belongs(bits: number, to: TypeClass): boolean {
  return (bits & BIT[to]) !== 0 || (to === 'Set' && (bits & BIT.Eq) !== 0);
}

export function setOf(of: Type): SetType {
  return { kind: 'set', of };
}
export function sequenceOf(of: Type): SequenceType {
  return { kind: 'sequence', of };
}
export function tupleOf(elements: readonly Type[]): TupleType {
  return { kind: 'tuple', elements };
}
export function functionOf(parameters: readonly Type[], result: Type): FunctionType {
  return { kind: 'function', parameters, result };
}
export function dotOf(left: Type, right: Type): Dot {
  return { kind: 'dot', left, right };
}

/** `a.(b.(c))` of a list that is not empty. */
export function dotsOf(types: readonly Type[]): Type {
  let all = types[types.length - 1]!;
  for (let i = types.length - 2; i >= 0; i--) all = dotOf(types[i]!, all);
  return all;
}

/** `a=>b=>to` of the fields `a`, `b`. */
export function dotableOf(fields: readonly Type[], to: Type): Type {
  let all = to;
  for (let i = fields.length - 1; i >= 0; i--) all = { kind: 'dotable', from: fields[i]!, to: all };
  return all;
}

/** The type behind bound variables, its outermost constructor in sight: never a bound variable, never an extendable whose next field is known. */
export function headOf(type: Type): Type {
  let here = type;
  for (;;) {
    if (here.kind === 'variable') {
      if (here.link === undefined) return here;
      here = here.link;
    } else if (here.kind === 'extendable') {
      let content: Type = here.by;
      while (content.kind === 'variable' && content.link !== undefined) content = content.link;
      if (content.kind === 'variable')
        return content === here.by ? here : { kind: 'extendable', to: here.to, by: content };
      if (content.kind !== 'dotable') here = here.to;
      else return { kind: 'dotable', from: content.from, to: extended(here.to, content.to) };
    } else return here;
  }
}

function extended(to: Type, rest: Type): Type {
  let content = rest;
  while (content.kind === 'variable' && content.link !== undefined) content = content.link;
  if (content.kind === 'variable') return { kind: 'extendable', to, by: content };
  if (content.kind === 'dotable') return { kind: 'dotable', from: content.from, to: extended(to, content.to) };
  return to;
}

/** The parts of a dot type, left to right; of any other type, itself. */
export function dotList(type: Type): Type[] {
  const parts: Type[] = [];
  const pending: Type[] = [type];
  while (pending.length > 0) {
    const part = headOf(pending.pop()!);
    if (part.kind === 'dot') pending.push(part.right, part.left);
    else parts.push(part);
  }
  return parts;
}

/** The fields a type still wants, and what it is with all of them. */
export function fieldsOf(type: Type): { readonly fields: Type[]; readonly result: Type } {
  const fields: Type[] = [];
  let result = headOf(type);
  while (result.kind === 'dotable') {
    fields.push(...dotList(result.from));
    result = headOf(result.to);
  }
  return { fields, result };
}

/** The types directly inside a type whose head is in sight. */
export function partsOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case 'set':
    case 'sequence':
      return [type.of];
    case 'tuple':
      return type.elements;
    case 'map':
      return [type.key, type.value];
    case 'function':
      return [...type.parameters, type.result];
    case 'dot':
      return [type.left, type.right];
    case 'dotable':
      return [type.from, type.to];
    case 'extendable':
      return [type.by, type.to];
    default:
      return [];
  }
}

/** Parts that a type may have; one with more comes only from a script made to break a checker. */
const PARTS_MAX = 1000;

/** Calls `visit` with every part of a type, outermost first, as it is read; ends when `visit` says so. Throws a `RangeError` for a type out of all bounds. */
function someOf(type: Type, visit: (part: Type) => boolean): boolean {
  const pending: Type[] = [type];
  let visited: Set<Type> | undefined;
  let count = 0;
  while (pending.length > 0) {
    const here = headOf(pending.pop()!);
    if (visit(here)) return true;
    const parts = partsOf(here);
    if (parts.length === 0) continue;
    if (++count > PARTS_MAX) throw new RangeError('a type with too many parts');
    // Types share parts; without this a small script may take exponential time.
    if (count > 16) {
      visited ??= new Set();
      if (visited.has(here)) continue;
      visited.add(here);
    }
    for (let i = parts.length - 1; i >= 0; i--) pending.push(parts[i]!);
  }
  return false;
}

/** Every variable that occurs in a type and is not bound, each once, in the order of a reader. */
export function freeVariables(type: Type): Set<Variable> {
  const found = new Set<Variable>();
  someOf(type, (part) => {
    if (part.kind === 'variable') found.add(part);
    return false;
  });
  return found;
}

export function hasDots(type: Type): boolean {
  return someOf(type, (part) => part.kind === 'dot');
}
