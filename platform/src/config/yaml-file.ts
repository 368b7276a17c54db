/** The configuration file: YAML, whose every mistake has a line and a column. */
import { keyNamed } from './keys.ts';
import type { ConfigurationDiagnostic } from './load.ts';
import { asWanted, keyNames, type Read, type Setting, unknownKey } from './sources.ts';

export async function readYaml({ path, text }: { readonly path: string; readonly text: string }): Promise<Read> {
  // Only those who have a file wait for the parser to load.
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  const settings: Setting[] = [];
  const diagnostics: ConfigurationDiagnostic[] = [];
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const placeOf = ({ line, column }: { line: number; column: number }) => `${path}:${line}:${column}`;

  for (const error of document.errors) {
    const where = at(error.pos[0]);
    diagnostics.push({
      severity: 'error',
      code: 'CSP-CFG-003',
      message: `${firstLine(error.message)}.`,
      place: placeOf(where),
      ...where,
    });
  }
  if (diagnostics.length > 0) return { settings, diagnostics };

  const visit = (node: unknown, prefix: readonly string[]) => {
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const where = at((isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? 0);
      const key = [...prefix, name].join('.');
      const known = keyNames();
      const named = keyNamed(key);
      if (known.some((one) => one.startsWith(`${key}.`))) {
        if (isMap(pair.value)) visit(pair.value, [...prefix, name]);
        else if (!isScalar(pair.value) || pair.value.value !== null)
          diagnostics.push({
            severity: 'error',
            code: 'CSP-CFG-002',
            message: `${key} is a section: expected keys below it.`,
            place: placeOf(where),
            ...where,
          });
      } else if (named !== undefined) {
        const value = pair.value as {
          toJS?(document: unknown): unknown;
          range?: readonly [number, ...number[]];
        } | null;
        const offset = value?.range?.[0];
        const valueAt = offset === undefined ? where : at(offset);
        settings.push({
          path: named.path,
          name: key,
          value: asWanted(value?.toJS?.(document) ?? null, named),
          origin: { kind: 'file', place: placeOf(valueAt) },
          at: valueAt,
        });
      } else {
        const siblings = known.filter((one) => one.split('.').length === prefix.length + 1 || prefix.length === 0);
        diagnostics.push({
          ...unknownKey(key, placeOf(where), 'error', [...siblings, ...known, ...sections(known)]),
          ...where,
        });
      }
    }
  };
  const root = document.contents;
  if (isMap(root)) visit(root, []);
  else if (root !== null && !(isScalar(root) && root.value === null))
    diagnostics.push({
      severity: 'error',
      code: 'CSP-CFG-003',
      message: 'Expected keys and values, as in `port: 8000`.',
      place: `${path}:1:1`,
      line: 1,
      column: 1,
    });
  return { settings, diagnostics };
}

function sections(known: readonly string[]): ReadonlySet<string> {
  return new Set(known.flatMap((path) => (path.includes('.') ? [path.slice(0, path.lastIndexOf('.'))] : [])));
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/[.:]$/, '');
}
