/** Values as they come back from a journal: a copy of plain data, or a refusal. So a run and its replay see the same. */
import { NotJsonError } from './errors.ts';

/** @throws NotJsonError with the JSON Pointer of what does not fit. Nothing at all (`undefined`) is let through at the root. */
export function jsonOf<T>(value: T): T {
  return value === undefined ? value : (copy(value, '') as T);
}

function copy(value: unknown, path: string): unknown {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new NotJsonError(path, 'a string with a lone surrogate');
      return value;
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new NotJsonError(path, String(value));
      return value === 0 ? 0 : value; // JSON has no negative zero.
    case 'object': {
      if (value === null) return null;
      if (Array.isArray(value)) return Array.from(value, (item, at) => copy(item, `${path}/${at}`));
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) throw new NotJsonError(path, 'an object with a class');
      return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, copy(member, `${path}/${name}`)]));
    }
    default:
      throw new NotJsonError(path, typeof value);
  }
}

/** Whether two values of JSON are the same. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson((a as Json)[name], (b as Json)[name]))
  );
}

type Json = Readonly<Record<string, unknown>>;
