/** The types of annotations back to CSPM. */
import { PRECEDENCE } from '../precedence.ts';
import type { TypeExpression } from '../syntax.ts';

const DOTABLE = PRECEDENCE.dot - 1;

export function printType(type: TypeExpression, minimum: number = PRECEDENCE.open): string {
  const text = print(type);
  return levelOf(type) < minimum ? `(${text})` : text;
}

function levelOf(type: TypeExpression): number {
  switch (type.kind) {
    case 'function':
      return PRECEDENCE.prefix;
    case 'dotable':
    case 'extendable':
      return DOTABLE;
    case 'dot':
      return PRECEDENCE.dot;
    default:
      return PRECEDENCE.atom;
  }
}

function print(type: TypeExpression): string {
  switch (type.kind) {
    case 'name':
      return type.name.parts.join('::');
    case 'set':
      return `{${printType(type.of)}}`;
    case 'sequence':
      return `<${printType(type.of)}>`;
    case 'tuple':
      return `(${list(type.elements)})`;
    case 'map':
      return `(| ${printType(type.key, PRECEDENCE.dot)} => ${printType(type.value)} |)`;
    case 'function':
      return `(${list(type.parameters)}) -> ${printType(type.result)}`;
    case 'dot':
      return `${printType(type.left, PRECEDENCE.dot + 1)}.${printType(type.right, PRECEDENCE.dot)}`;
    case 'dotable':
      return `${printType(type.from, DOTABLE + 1)} => ${printType(type.to, DOTABLE)}`;
    case 'extendable':
      return `${printType(type.from, DOTABLE + 1)} =>* ${printType(type.to, DOTABLE)}`;
  }
}

function list(types: readonly TypeExpression[]): string {
  return types.map((type) => printType(type)).join(', ');
}
