/** Parsers of flag values; what they throw is shown as a usage error. */

export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`expected a number above 0, got '${text}'`);
  return value;
}

export function nonNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new RangeError(`expected a number, 0 or above, got '${text}'`);
  return value;
}

export function natural(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`expected a whole number, got '${text}'`);
  return value;
}

export function portNumber(text: string): number {
  const value = natural(text);
  if (value > 65535) throw new RangeError(`expected a port from 0 to 65535, got '${text}'`);
  return value;
}

/** A place in a list, counted from 1. */
export function ordinal(text: string): number {
  const value = natural(text);
  if (value === 0) throw new RangeError('the first one is number 1');
  return value;
}

/** `http://127.0.0.1:8000`, or the same without a scheme. */
export function webAddress(text: string): string {
  const url = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(url)) throw new RangeError(`expected an address as in http://127.0.0.1:8000, got '${text}'`);
  return url.replace(/\/+$/, '');
}

/** `security_level` of the interface is `--security-level`. */
export function flagName(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
