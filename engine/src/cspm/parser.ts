/**
 * CSPM text to syntax tree.
 *
 * Nothing is thrown for bad input: the script holds what could be read, the diagnostics say what could not.
 * A script whose diagnostics contain an error has no meaning and must not be evaluated.
 */
import type { Span } from '../csp/index.ts';
import type { Diagnostic } from './diagnostic.ts';
import { lex } from './lexer.ts';
import { parseDeclarations } from './parser/declarations.ts';
import { parseExpression as readExpression } from './parser/expressions.ts';
import { refuseTrailing } from './parser/mistakes.ts';
import { ABANDONED, type Place, Reader, SCRIPT } from './parser/reader.ts';
import type { Declaration, Expression, Script } from './syntax.ts';

/** Finds an included file; `undefined` when there is none. `file` is the name that spans will show and that tells files apart. */
export type IncludeLoader = (
  path: string,
  from: string,
) => { readonly file: string; readonly source: string } | undefined;

export interface ParseOptions {
  /** Name of the script, for spans. */
  readonly file: string;
  readonly include?: IncludeLoader;
  /** Characters of the script and all that it includes; 4 million by default. */
  readonly charactersMax?: number;
  /** Levels of nesting of the tree, which also bound the stack of whoever walks it; 400 by default. */
  readonly depthMax?: number;
  /** Diagnostics reported before parsing gives up; 200 by default. */
  readonly diagnosticsMax?: number;
}

export interface Parsed {
  readonly script: Script;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The script in `source`.
 *
 * @example
 * const { script, diagnostics } = parse('channel a\nP = a -> P\n', { file: 'loop.csp' });
 * script.declarations.length; // 2
 * diagnostics; // []
 */
export function parse(source: string, options: ParseOptions): Parsed {
  const session = new Session(options);
  const declarations = session.parseFile(options.file, source, SCRIPT, undefined);
  return { script: { file: options.file, declarations }, diagnostics: session.sortedDiagnostics() };
}

/**
 * The expression in `source`, as `csp eval` and the fields of a form take it.
 *
 * @example
 * parseExpression('card({1..3})', { file: 'expression' }).expression?.kind; // 'apply'
 */
export function parseExpression(
  source: string,
  options: ParseOptions,
): { readonly expression?: Expression; readonly diagnostics: readonly Diagnostic[] } {
  const session = new Session(options);
  const expression = session.parseExpression(options.file, source);
  const diagnostics = session.sortedDiagnostics();
  return expression === undefined ? { diagnostics } : { expression, diagnostics };
}

const INCLUDE_DEPTH_MAX = 64;

/** One run of the parser over a script and what it includes. */
class Session {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #options: Required<Pick<ParseOptions, 'charactersMax' | 'depthMax' | 'diagnosticsMax'>> & ParseOptions;
  readonly #including: string[] = [];
  #characters = 0;
  #gaveUp = false;

  constructor(options: ParseOptions) {
    this.#options = { charactersMax: 4_000_000, depthMax: 400, diagnosticsMax: 200, ...options };
  }

  parseFile(file: string, source: string, place: Place, includedAt: Span | undefined): Declaration[] {
    const reader = this.#open(file, source, includedAt);
    if (reader === undefined) return [];
    this.#including.push(file);
    const declarations: Declaration[] = [];
    for (;;) {
      try {
        for (const declaration of parseDeclarations(reader, place)) declarations.push(declaration);
      } catch (thrown) {
        if (thrown !== ABANDONED) throw thrown;
      }
      if (reader.is('end') || this.#gaveUp) break;
      const span = reader.spanOf(reader.token);
      reader.error('CSP-SYN-006', span, `expected a declaration, found ${reader.found()}`);
      reader.next();
    }
    this.#including.pop();
    return declarations;
  }

  parseExpression(file: string, source: string): Expression | undefined {
    const reader = this.#open(file, source, undefined);
    if (reader === undefined) return undefined;
    reader.newlineEnds = false;
    try {
      const expression = readExpression(reader);
      for (const node of reader.patternOnly) {
        reader.fail('CSP-SYN-013', node.span, '`_` and `@@` stand in patterns only; a value is expected here');
      }
      if (reader.is('end')) return expression;
      refuseTrailing(reader, 'the end of the expression');
    } catch (thrown) {
      if (thrown !== ABANDONED) throw thrown;
    }
    return undefined;
  }

  /** In the order of the text, the script's own first. */
  sortedDiagnostics(): readonly Diagnostic[] {
    const order = new Map<string, number>();
    for (const { span } of this.#diagnostics) if (!order.has(span.file)) order.set(span.file, order.size);
    order.set(this.#options.file, -1);
    return this.#diagnostics.toSorted(
      (a, b) =>
        order.get(a.span.file)! - order.get(b.span.file)! || a.span.line - b.span.line || a.span.column - b.span.column,
    );
  }

  #open(file: string, source: string, includedAt: Span | undefined): Reader | undefined {
    this.#characters += source.length;
    const { charactersMax, depthMax } = this.#options;
    if (this.#characters > charactersMax) {
      const span = includedAt ?? { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
      const message = `the script has ${this.#characters} characters; the limit is ${charactersMax}`;
      this.#report({ severity: 'error', code: 'CSP-LEX-007', span, message });
      return undefined;
    }
    const { tokens, diagnostics } = lex(source, file);
    for (const diagnostic of diagnostics) this.#report(diagnostic);
    return new Reader({
      file,
      source,
      tokens,
      depthMax,
      report: (diagnostic) => this.#report(diagnostic),
      expression: readExpression,
      declarations: parseDeclarations,
      include: (path, at, place) => this.#include(path, file, at, place),
    });
  }

  #include(path: string, from: string, at: Span, place: Place): Declaration[] {
    const found = this.#options.include?.(path, from);
    if (found === undefined) {
      const message = `the included file "${path}" was not found`;
      this.#report({ severity: 'error', code: 'CSP-SYN-021', span: at, message });
      return [];
    }
    if (this.#including.includes(found.file)) {
      const cycle = [...this.#including.slice(this.#including.indexOf(found.file)), found.file].join(' → ');
      this.#report({ severity: 'error', code: 'CSP-SYN-022', span: at, message: `files include each other: ${cycle}` });
      return [];
    }
    if (this.#including.length >= INCLUDE_DEPTH_MAX) {
      const message = `included through more than ${INCLUDE_DEPTH_MAX} files`;
      this.#report({ severity: 'error', code: 'CSP-SYN-022', span: at, message });
      return [];
    }
    if (this.#gaveUp) return [];
    return this.parseFile(found.file, found.source, { ...place, closers: new Set() }, at);
  }

  #report(diagnostic: Diagnostic): void {
    const { diagnosticsMax } = this.#options;
    if (this.#diagnostics.length < diagnosticsMax) {
      this.#diagnostics.push(diagnostic);
    } else if (!this.#gaveUp) {
      this.#gaveUp = true;
      const message = `more than ${diagnosticsMax} diagnostics; the rest is not reported`;
      this.#diagnostics.push({ severity: 'error', code: 'CSP-SYN-026', span: diagnostic.span, message });
    }
  }
}
