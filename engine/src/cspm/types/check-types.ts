/** Names and types of a whole script: first every name is tied to what it stands for, then declarations get their types. */
import type { Diagnostic } from '../diagnostic.ts';
import { type Dialect, tolerated } from '../dialect.ts';
import type { Script } from '../syntax.ts';
import { inferTypes } from './inference/index.ts';
import { resolve } from './resolution/index.ts';
import { showType } from './show-type.ts';

export interface TypeReport {
  readonly diagnostics: readonly Diagnostic[];
  /** The type of a name declared at the top or built in, as CSPM writes it; `M::x` for a name in a module. */
  typeOf(name: string): string | undefined;
}

export interface TypeOptions {
  /** Default: `fdr4`. */
  readonly dialect?: Dialect;
}

/**
 * Finds the types of a script's declarations, and what is wrong with its names and types.
 *
 * Never throws for a script, however broken. A diagnostic of severity `error` means that FDR, of the version the
 * dialect names, would refuse the script.
 * The type system is that of FDR (T. Gibson-Robinson, libcspm).
 *
 * @example
 * const { script } = parse('channel c : Int\nP(x) = c!x -> P(x + 1)', { file: 'counter.csp' });
 * checkTypes(script).typeOf('P'); // '(Int) -> Proc'
 */
export function checkTypes(script: Script, { dialect = 'fdr4' }: TypeOptions = {}): TypeReport {
  const resolution = resolve(script, dialect);
  const seen = new Set<string>();
  const diagnostics = [...resolution.diagnostics, ...inferTypes(resolution)]
    .filter(({ code, span, message }) => {
      const key = `${code} ${span.file} ${span.line} ${span.column} ${message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => order(a.span.file, b.span.file) || a.span.line - b.span.line || a.span.column - b.span.column);
  return {
    diagnostics: tolerated(diagnostics, dialect),
    typeOf(name) {
      const [first, ...rest] = name.split('::');
      let found = resolution.top.find(first!);
      for (const part of rest) found = found?.module?.members.get(part);
      if (found?.type === undefined || found.poisoned || found.module !== undefined) return undefined;
      return showType(found.type);
    },
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
