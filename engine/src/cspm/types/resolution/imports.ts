import type { Identifier } from '../../syntax.ts';
import { EXTERNAL_BINDINGS, TRANSPARENT_BINDINGS } from './built-in-scope.ts';
import { define, type Frame } from './frame.ts';
import { type Lookup, UNKNOWN } from './lookup.ts';
import { nearest } from './nearest.ts';

/** Enters a function that the script asks for by `transparent` or `external`. */
export function importFunction(name: Identifier, kind: 'transparent' | 'external', frame: Frame, lookup: Lookup): void {
  const table = kind === 'transparent' ? TRANSPARENT_BINDINGS : EXTERNAL_BINDINGS;
  const known = table.get(name.name);
  if (known === undefined) {
    const other = kind === 'transparent' ? 'external' : 'transparent';
    const elsewhere = (kind === 'transparent' ? EXTERNAL_BINDINGS : TRANSPARENT_BINDINGS).has(name.name);
    const meant = elsewhere ? undefined : nearest(name.name, table.keys());
    lookup.report(
      'CSP-TYP-013',
      name.span,
      elsewhere
        ? `\`${name.name}\` is not a ${kind} function but an ${other} one: write \`${other} ${name.name}\`.`
        : `There is no ${kind} function \`${name.name}\`${meant === undefined ? '.' : `; did you mean \`${meant}\`?`}`,
      meant,
    );
  }
  const made = known ?? UNKNOWN;
  const before = frame.scope.names.get(name.name);
  if (before !== undefined && before.span === undefined && before.sort === 'value') {
    lookup.report('CSP-TYP-018', name.span, `\`${name.name}\` is imported already.`, undefined, 'warning');
    return;
  }
  define(name, made, frame, lookup);
}
