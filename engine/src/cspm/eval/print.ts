/** Values in the notation of CSPM. */
import { show } from '../../csp/index.ts';
import type { SetValue, Value } from './value.ts';

/** The value as a script would write it. With `lengthMax`, what is beyond it is left out and shown as `…`. */
export function print(value: Value, lengthMax = Number.POSITIVE_INFINITY): string {
  const text = write(value, lengthMax);
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`;
}

function write(value: Value, room: number): string {
  if (typeof value === 'number') return `${value}`;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  switch (value.kind) {
    case 'char':
      return `'${escaped(value.text, "'")}'`;
    case 'tuple':
      return `(${list(value.items, room)})`;
    case 'stream':
      return write(value.whole(), room);
    case 'sequence': {
      const text = textOf(value.items);
      return text === undefined ? `<${list(value.items, room)}>` : `"${escaped(text, '"')}"`;
    }
    case 'set':
      return `{${list(value.items, room)}}`;
    case 'symbolic':
      return writeShape(value, room);
    case 'dot':
      return value.items.map((item) => write(item, room)).join('.');
    case 'tagged':
      return [value.head.name, ...value.fields.map((field) => write(field, room))].join('.');
    case 'map':
      return `(|${[...value.entries].map(([k, v]) => ` ${write(k, room)} => ${write(v, room)}`).join(',')} |)`;
    case 'function':
      return value.name;
    case 'process':
      return show(value.terms, value.process);
  }
}

function writeShape(set: SetValue & { kind: 'symbolic' }, room: number): string {
  const { shape } = set;
  switch (shape.of) {
    case 'integers':
      return 'Int';
    case 'processes':
      return 'Proc';
    case 'characters':
      return 'Char';
    case 'from':
      return `{${shape.low}..}`;
    case 'sequences':
      return `Seq(${write(shape.over, room)})`;
    case 'subsets':
      return `Set(${write(shape.over, room)})`;
    case 'maps':
      return `Map(${write(shape.keys, room)}, ${write(shape.values, room)})`;
    case 'datatype':
      return shape.datatype.name;
    case 'productions':
      return `{|${write(shape.prefix, room)}|}`;
    case 'tuples':
      return `(${list(shape.factors, room)})`;
    case 'dots':
      return shape.factors.map((factor) => write(factor, room)).join('.');
    case 'union':
      return `Union({${list(shape.parts, room)}})`;
  }
}

/** Items until the room is used up, so that printing a large set for a message costs little. */
function list(items: readonly Value[], room: number): string {
  const parts: string[] = [];
  let length = 0;
  for (const item of items) {
    if (length > room) {
      parts.push('…');
      break;
    }
    const part = write(item, room);
    parts.push(part);
    length += part.length + 2;
  }
  return parts.join(', ');
}

/** The characters of a non-empty sequence of characters. */
function textOf(items: readonly Value[]): string | undefined {
  if (items.length === 0) return undefined;
  let text = '';
  for (const item of items) {
    if (typeof item !== 'object' || item.kind !== 'char') return undefined;
    text += item.text;
  }
  return text;
}

const ESCAPES: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\' };

function escaped(text: string, quote: string): string {
  return text.replace(/[\n\t\r\\'"]/g, (c) => ESCAPES[c] ?? (c === quote ? `\\${c}` : c));
}
