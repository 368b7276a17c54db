const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** A string literal of CSPM. */
export function quotedString(value: string): string {
  return `"${value.replaceAll(/[\\"\n\r\t]/g, (c) => ESCAPES.get(c) ?? `\\${c}`)}"`;
}

/** A character literal of CSPM. */
export function quotedChar(value: string): string {
  return `'${value === "'" ? "\\'" : (ESCAPES.get(value) ?? value)}'`;
}
