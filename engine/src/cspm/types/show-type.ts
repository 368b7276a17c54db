/** Types as text, in the notation of annotations: `Eq a => ({a}, {a}) -> {a}`. */
import { classesOf, dotableOf, dotList, dotsOf, fieldsOf, headOf, type Type, type Variable } from './type.ts';

const DEPTH_MAX = 24;
const LENGTH_MAX = 400;

/** Names types for people; one `TypePrinter` a message, so that a variable keeps its letter. */
export class TypePrinter {
  readonly #names = new Map<Variable, string>();
  readonly #taken = new Set<string>();
  #length = 0;

  /** The type with the classes its variables must belong to. */
  scheme(type: Type): string {
    this.#length = 0;
    const seen: Variable[] = [];
    const text = this.#show(type, 0, 0, seen);
    const context = [...new Set(seen)].flatMap((variable) => {
      const classes = classesOf(variable.classes).filter(
        (each) => each !== 'Set' || !classesOf(variable.classes).includes('Eq'),
      );
      return classes.map((each) => `${each} ${this.#nameOf(variable)}`);
    });
    if (context.length === 0) return text;
    return `${context.length === 1 ? context[0] : `(${context.join(', ')})`} => ${text}`;
  }

  /** The type alone. */
  type(type: Type): string {
    this.#length = 0;
    return this.#show(type, 0, 0, []);
  }

  /** `binding`: how tightly the surroundings hold: 0 loosely, 1 left of `=>`, 2 inside a dot. */
  #show(type: Type, binding: number, depth: number, seen: Variable[]): string {
    const here = evaluated(headOf(type));
    this.#length += 4;
    if (depth > DEPTH_MAX || this.#length > LENGTH_MAX) return '…';
    const inner = (part: Type, around: number) => this.#show(part, around, depth + 1, seen);
    const list = (parts: readonly Type[]) => parts.map((part) => inner(part, 0)).join(', ');
    switch (here.kind) {
      case 'int':
        return 'Int';
      case 'bool':
        return 'Bool';
      case 'char':
        return 'Char';
      case 'proc':
        return 'Proc';
      case 'event':
        return 'Event';
      case 'datatype':
        return here.of.name;
      case 'set':
        return `{${inner(here.of, 0)}}`;
      case 'sequence':
        return `<${inner(here.of, 0)}>`;
      case 'tuple':
        return `(${list(here.elements)})`;
      case 'map':
        return `(| ${inner(here.key, 0)} => ${inner(here.value, 0)} |)`;
      case 'function':
        return `(${list(here.parameters)}) -> ${inner(here.result, 0)}`;
      case 'dot':
        return dotList(here)
          .map((part) => inner(part, 2))
          .join('.');
      case 'dotable':
        return enclosed(binding > 0, `${inner(here.from, 1)}=>${inner(here.to, 0)}`);
      case 'extendable':
        return enclosed(binding > 0, `${inner(here.by, 1)}=>*${inner(here.to, 0)}`);
      case 'noFields':
        return '()';
      case 'anything':
        return '?';
      case 'variable':
        seen.push(here);
        return this.#nameOf(here);
    }
  }

  #nameOf(variable: Variable): string {
    const known = this.#names.get(variable);
    if (known !== undefined) return known;
    let name = variable.rigid;
    for (let i = 0; name === undefined || (variable.rigid === undefined && this.#taken.has(name)); i++) {
      name = String.fromCharCode(97 + (i % 26)) + (i < 26 ? '' : String(Math.floor(i / 26)));
    }
    this.#names.set(variable, name);
    this.#taken.add(name);
    return name;
  }
}

/** The type of a name or an expression as text. */
export function showType(type: Type): string {
  return new TypePrinter().scheme(type);
}

function enclosed(needed: boolean, text: string): string {
  return needed ? `(${text})` : text;
}

/** A dot type with the fields it plainly supplies taken in: `(Int=>Event).Int` reads `Event`. Binds nothing. */
function evaluated(type: Type): Type {
  if (type.kind !== 'dot') return type;
  const parts = dotList(type);
  const out: Type[] = [];
  for (let i = parts.length - 1; i >= 0; i--) {
    let { fields, result } = fieldsOf(parts[i]!);
    while (fields.length > 0 && out.length > 0 && plainlyEqual(fields[0]!, out[0]!)) {
      out.shift();
      fields = fields.slice(1);
    }
    out.unshift(dotableOf(fields, result));
  }
  return dotsOf(out);
}

function plainlyEqual(a: Type, b: Type): boolean {
  const left = headOf(a);
  const right = headOf(b);
  if (left === right) return true;
  if (left.kind !== right.kind) return false;
  if (left.kind === 'datatype' && right.kind === 'datatype') return left.of === right.of;
  return (
    left.kind === 'int' || left.kind === 'bool' || left.kind === 'char' || left.kind === 'event' || left.kind === 'proc'
  );
}
