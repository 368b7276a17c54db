/**
 * Reads types in the notation of annotations, for the table of built-in functions: `Eq a => (a, {a}) -> Bool`.
 * Only what that table needs: the tables of this folder are its one source, so bad notation is a defect.
 */
import { classBits, GENERIC, NAMED_ATOMS, TYPE_CLASSES, type Type, type TypeClass, type Variable } from './type.ts';

export function readType(notation: string): Type {
  const tokens = notation.match(/=>\*|=>|->|\(\||\|\)|[A-Za-z_]\w*|[(){}<>,]/g) ?? [];
  const variables = new Map<string, Variable>();
  let at = 0;

  const take = (token: string): void => {
    if (tokens[at++] !== token) throw new Error(`expected ${token} in the type ${notation}`);
  };
  const accept = (token: string): boolean => tokens[at] === token && ++at > 0;

  const variable = (name: string): Variable => {
    let known = variables.get(name);
    if (known === undefined) {
      known = {
        kind: 'variable',
        id: -1 - variables.size,
        link: undefined,
        classes: 0,
        level: GENERIC,
        rigid: undefined,
      };
      variables.set(name, known);
    }
    return known;
  };
  const list = (end: string): Type[] => {
    const types: Type[] = [];
    while (!accept(end)) {
      if (types.length > 0) take(',');
      types.push(type());
    }
    return types;
  };
  const atom = (): Type => {
    const token = tokens[at++]!;
    if (token === '{') return { kind: 'set', of: list('}')[0]! };
    if (token === '<') return { kind: 'sequence', of: list('>')[0]! };
    if (token === '(|') {
      const key = atom();
      take('=>');
      const value = atom();
      take('|)');
      return { kind: 'map', key, value };
    }
    if (token === '(') {
      const elements = list(')');
      if (accept('->')) return { kind: 'function', parameters: elements, result: type() };
      return elements.length === 1 ? elements[0]! : { kind: 'tuple', elements };
    }
    return NAMED_ATOMS.get(token) ?? variable(token);
  };
  const type = (): Type => {
    const left = atom();
    if (accept('=>*')) return { kind: 'extendable', by: left as Variable, to: type() };
    if (accept('=>')) return { kind: 'dotable', from: left, to: type() };
    return left;
  };

  const context = notation.match(/^\(?((?:\w+ \w+(?:, )?)+)\)? => /);
  if (context === null) return type();
  for (const constraint of context[1]!.split(', ')) {
    const [name, of] = constraint.split(' ') as [TypeClass, string];
    if (!TYPE_CLASSES.includes(name)) throw new Error(`no class ${name} in the type ${notation}`);
    variable(of).classes |= classBits([name]);
  }
  while (tokens[at] !== '=>') at++;
  at++;
  return type();
}
