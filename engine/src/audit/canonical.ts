/**
 * Canonical JSON, RFC 8785 (JCS): one text for each value, so that a hash of the text is a hash of the value.
 *
 * Members sorted by UTF-16 code units, numbers and strings as ECMAScript writes them, no white space.
 */
import { utf8 } from './utf8.ts';

/**
 * The canonical text of a JSON value.
 *
 * @throws NotCanonical for what JSON cannot say: NaN, infinities, `undefined`, functions, lone surrogates, objects that are not plain.
 * @example
 * canonical({ b: 2, a: [1e21, 'é'] }); // '{"a":[1e+21,"é"],"b":2}'
 */
export function canonical(value: unknown): string {
  return isInOrder(value) ? JSON.stringify(value) : (write(value) ?? refuse(value, ''));
}

/** The canonical text as UTF-8 bytes, as it is hashed and stored. They share their memory with others: see `utf8`. */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonical(value));
}

/** Whether all members are in order already, so that `JSON.stringify`, a third of the work, writes the canonical text. */
function isInOrder(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed();
    case 'number':
      return Number.isFinite(value);
    case 'boolean':
      return true;
    case 'object':
      return value === null || (Array.isArray(value) ? itemsAreInOrder(value) : membersAreInOrder(value));
    default:
      return false;
  }
}

function itemsAreInOrder(items: readonly unknown[]): boolean {
  // `JSON.stringify` would call it.
  if ('toJSON' in items) return false;
  for (let index = 0; index < items.length; index++) if (!isInOrder(items[index])) return false;
  return true;
}

function membersAreInOrder(value: object): boolean {
  if (!isPlain(value)) return false;
  let before: string | undefined;
  for (const name of Object.keys(value)) {
    if (before !== undefined && name < before) return false;
    if (!name.isWellFormed() || !isInOrder((value as Record<string, unknown>)[name])) return false;
    before = name;
  }
  return true;
}

/** `undefined` when there is none; where it fails is looked for only then, since hardly anything does. */
function write(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value.isWellFormed() ? JSON.stringify(value) : undefined;
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : undefined;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? writeArray(value) : writeObject(value);
    default:
      return undefined;
  }
}

function writeArray(items: readonly unknown[]): string | undefined {
  let text = '';
  for (let index = 0; index < items.length; index++) {
    const item = write(items[index]);
    if (item === undefined) return undefined;
    text += index === 0 ? item : `,${item}`;
  }
  return `[${text}]`;
}

function writeObject(value: object): string | undefined {
  if (!isPlain(value)) return undefined;
  // The default order of `sort` is the order of UTF-16 code units, which is the one RFC 8785 asks for.
  const members = Object.keys(value).sort();
  let text = '';
  for (const name of members) {
    const [key, member] = [write(name), write((value as Record<string, unknown>)[name])];
    if (key === undefined || member === undefined) return undefined;
    text += text === '' ? `${key}:${member}` : `,${key}:${member}`;
  }
  return `{${text}}`;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Finds the first place that has no canonical text. */
function refuse(value: unknown, path: string): never {
  if (typeof value === 'string') throw new NotCanonical(path, 'a string with a lone surrogate');
  if (typeof value === 'number') throw new NotCanonical(path, String(value));
  if (typeof value !== 'object' || value === null) throw new NotCanonical(path, typeof value);
  if (!Array.isArray(value) && !isPlain(value)) throw new NotCanonical(path, 'an object that is not plain');
  const members = Array.isArray(value) ? [...value.keys()].map(String) : Object.keys(value).sort();
  for (const name of members) {
    if (write(name) === undefined) return refuse(name, path);
    const member = (value as Record<string, unknown>)[name];
    if (write(member) === undefined) return refuse(member, `${path}/${name}`);
  }
  throw new NotCanonical(path, 'nothing');
}

/** The value at `path` (a JSON Pointer) has no canonical text. */
export class NotCanonical extends Error {
  readonly path: string;
  constructor(path: string, found: string) {
    super(`no canonical JSON for ${found} at ${path === '' ? 'the root' : path}`);
    this.name = 'NotCanonical';
    this.path = path;
  }
}
