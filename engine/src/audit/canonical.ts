/**
 * Canonical JSON, RFC 8785 (JCS): one text for each value, so that a hash of the text is a hash of the value.
 *
 * Members sorted by UTF-16 code units, numbers and strings as ECMAScript writes them, no white space.
 */

/**
 * The canonical text of a JSON value.
 *
 * @throws NotCanonical for what JSON cannot say: NaN, infinities, `undefined`, functions, lone surrogates, objects that are not plain.
 * @example
 * canonical({ b: 2, a: [1e21, 'é'] }); // '{"a":[1e+21,"é"],"b":2}'
 */
export function canonical(value: unknown): string {
  return write(value, '');
}

/** The canonical text as UTF-8 bytes, as it is hashed and stored. */
export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonical(value));
}

function write(value: unknown, path: string): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new NotCanonical(path, 'a string with a lone surrogate');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new NotCanonical(path, String(value));
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map((item, i) => write(item, `${path}/${i}`)).join(',')}]`;
      return writeObject(value, path);
    default:
      throw new NotCanonical(path, typeof value);
  }
}

function writeObject(value: object, path: string): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotCanonical(path, 'an object that is not plain');
  // The default order of `sort` is the order of UTF-16 code units, which is the one RFC 8785 asks for.
  const members = Object.keys(value).sort();
  return `{${members
    .map((name) => `${write(name, path)}:${write((value as Record<string, unknown>)[name], `${path}/${name}`)}`)
    .join(',')}}`;
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
