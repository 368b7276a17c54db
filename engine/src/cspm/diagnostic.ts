/**
 * Diagnostics: what is wrong with a script, as a value with a code and a place.
 * A script has diagnostics or it has a meaning; nothing is thrown for bad input.
 */
import type { Span } from '../csp/index.ts';

export type Severity = 'error' | 'warning' | 'note';

export interface Diagnostic {
  readonly severity: Severity;
  /** `CSP-LEX-001` and so on; the table is in `codes.ts`. */
  readonly code: string;
  readonly span: Span;
  /** One or two sentences: what was expected, what came. */
  readonly message: string;
  /** Text that would repair the script, put in place of `span`. */
  readonly fix?: Fix;
}

export interface Fix {
  /** What the fix does, for people: "write `tick`". */
  readonly title: string;
  readonly span: Span;
  readonly replacement: string;
}
