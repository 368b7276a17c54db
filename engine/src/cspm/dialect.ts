/**
 * Dialects: `fdr4` is CSPM as FDR has checked it since version 3; `fdr2` is what scripts could do before there was a type checker.
 *
 * In `fdr2` an error of types is a warning, since evaluation gives such a script its meaning or faults where there is none; transparent and external
 * functions need no import; and a channel may be declared again with the same type.
 */
import type { Diagnostic } from './diagnostic.ts';
import { printExpression } from './print/declarations.ts';
import type { ChannelDeclaration, Declaration, Script } from './syntax.ts';
import type { TypeCode } from './types/codes.ts';

export type Dialect = 'fdr4' | 'fdr2';

/** What a script can be evaluated with. Undefined and doubled names, circular modules and the like have no meaning in any dialect. */
const ONLY_TYPES: ReadonlySet<string> = new Set<TypeCode>([
  'CSP-TYP-003',
  'CSP-TYP-004',
  'CSP-TYP-005',
  'CSP-TYP-006',
  'CSP-TYP-007',
  'CSP-TYP-008',
  'CSP-TYP-011',
  'CSP-TYP-012',
  'CSP-TYP-013',
  'CSP-TYP-015',
]);

/** The diagnostics of the type checker, with those that `fdr2` lives with as warnings. */
export function tolerated(diagnostics: readonly Diagnostic[], dialect: Dialect): readonly Diagnostic[] {
  if (dialect === 'fdr4') return diagnostics;
  return diagnostics.map((diagnostic) =>
    diagnostic.severity === 'error' && ONLY_TYPES.has(diagnostic.code)
      ? {
          ...diagnostic,
          severity: 'warning',
          message: `${diagnostic.message} FDR2 did not check this, so evaluation goes on.`,
        }
      : diagnostic,
  );
}

/** The script without channels that repeat an earlier declaration at the top, and a warning for each. */
export function withoutRepeats(script: Script): {
  readonly script: Script;
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const types = new Map<string, string>();
  const repeats = (channel: ChannelDeclaration, name: ChannelDeclaration['names'][number]): boolean => {
    const type = channel.type === undefined ? '' : printExpression(channel.type);
    const before = types.get(name.name);
    if (before === undefined) types.set(name.name, type);
    if (before !== type) return false;
    diagnostics.push({
      severity: 'warning',
      code: 'CSP-TYP-002',
      span: name.span,
      message: `\`${name.name}\` is declared twice, with the same type. Remove one of the two.`,
    });
    return true;
  };
  const declarations = script.declarations.flatMap((declaration): Declaration[] => {
    if (declaration.kind !== 'channel') return [declaration];
    const names = declaration.names.filter((name) => !repeats(declaration, name));
    if (names.length === declaration.names.length) return [declaration];
    return names.length === 0 ? [] : [{ ...declaration, names }];
  });
  return diagnostics.length === 0 ? { script, diagnostics } : { script: { ...script, declarations }, diagnostics };
}
