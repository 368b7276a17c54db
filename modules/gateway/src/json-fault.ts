/**
 * Where a text stops being JSON (RFC 8259), as an offset, or undefined when it is JSON. `JSON.parse` says it for some mistakes only.
 * Runs on texts that were refused already, so it is short rather than fast.
 */
export function jsonFaultAt(text: string): number | undefined {
  const TOKEN =
    /[ \t\n\r]*(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/uy;
  const SPACE = /[ \t\n\r]*/y;
  /** What may come next; `[` and `{` are the open brackets around it. */
  let expected: 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'more' = 'value';
  const open: ('[' | '{')[] = [];
  let at = 0;
  for (;;) {
    SPACE.lastIndex = at;
    const start = at + (SPACE.exec(text)?.[0].length ?? 0);
    if (expected === 'more' && open.length === 0) return start === text.length ? undefined : start;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return start;
    const [, mark, string] = match;
    const inside = open.at(-1);
    if (mark === undefined) {
      if (expected === 'value' || expected === 'value or ]') expected = 'more';
      else if (string !== undefined && (expected === 'key' || expected === 'key or }')) expected = 'colon';
      else return start;
    } else if ((mark === '[' || mark === '{') && (expected === 'value' || expected === 'value or ]')) {
      open.push(mark);
      expected = mark === '[' ? 'value or ]' : 'key or }';
    } else if (
      (mark === ']' && inside === '[' && (expected === 'value or ]' || expected === 'more')) ||
      (mark === '}' && inside === '{' && (expected === 'key or }' || expected === 'more'))
    ) {
      open.pop();
      expected = 'more';
    } else if (mark === ',' && expected === 'more') expected = inside === '[' ? 'value' : 'key';
    else if (mark === ':' && expected === 'colon') expected = 'value';
    else return start;
    at = TOKEN.lastIndex;
  }
}
