/**
 * What every parsing function reads from and reports to: the tokens of one file, a position, and the limits.
 *
 * A parsing function returns a node or throws `Abandoned` after reporting why; the nearest list of declarations catches it
 * and goes on at the next declaration, so that one run reports the errors of many declarations.
 */
import type { Span } from '../../csp/index.ts';
import type { SyntaxCode } from '../codes.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Declaration, Expression } from '../syntax.ts';
import type { Token, TokenKind } from '../tokens.ts';
import { isMeantAs } from './spelling.ts';

/** Thrown to leave a declaration that cannot be read further. Not an `Error`: it needs no stack, and never leaves the parser. */
export const ABANDONED = Symbol('abandoned');

/** Where a list of declarations stands: decides what may be declared in it and what ends it. */
export interface Place {
  readonly closers: ReadonlySet<TokenKind>;
  readonly inLet: boolean;
  readonly inModule: boolean;
  readonly inTimed: boolean;
}

export const SCRIPT: Place = { closers: new Set(), inLet: false, inModule: false, inTimed: false };

export interface Fixing {
  readonly title: string;
  readonly span: Span;
  readonly replacement: string;
}

export class Reader {
  readonly file: string;
  readonly source: string;
  readonly tokens: readonly Token[];
  readonly depthMax: number;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly #expression: (reader: Reader, minimum?: number) => Expression;
  readonly #declarations: (reader: Reader, place: Place) => Declaration[];
  readonly #include: (path: string, at: Span, place: Place) => Declaration[];
  /** Where the list of declarations being read stands. */
  place: Place = SCRIPT;
  /** Whether step notation was met: what follows from it is not reported again. */
  sawSteps = false;
  /** The token to be read next. */
  token: Token;
  /** Whether a new line ends the expression: true in declarations, false inside brackets. */
  newlineEnds = true;
  /** Whether `>` closes the innermost bracket. */
  inSequence = false;
  /** Whether `=` ends the expression, as on the left of a declaration. */
  equalsEnds = false;
  /** Whether `||` separates two alphabets. */
  barsEnd = false;
  /** Column at which the declaration being read starts. */
  declarationColumn = 1;
  /** `_` and `@@` read as expressions and not yet turned into patterns. */
  readonly patternOnly = new Set<Expression>();
  #at = 0;
  #depth = 0;

  constructor(options: {
    file: string;
    source: string;
    tokens: readonly Token[];
    depthMax: number;
    report: (diagnostic: Diagnostic) => void;
    expression: (reader: Reader, minimum?: number) => Expression;
    declarations: (reader: Reader, place: Place) => Declaration[];
    include: (path: string, at: Span, place: Place) => Declaration[];
  }) {
    this.file = options.file;
    this.source = options.source;
    this.tokens = options.tokens;
    this.depthMax = options.depthMax;
    this.report = options.report;
    this.#expression = options.expression;
    this.#declarations = options.declarations;
    this.#include = options.include;
    this.token = options.tokens[0]!;
  }

  /** Position of `token`, for going back with `goTo`. */
  get at(): number {
    return this.#at;
  }

  /** The token before `token`; the first one at the start. */
  get previous(): Token {
    return this.tokens[Math.max(0, this.#at - 1)]!;
  }

  peek(distance = 1): Token {
    return this.tokens[Math.min(this.#at + distance, this.tokens.length - 1)]!;
  }

  goTo(at: number): void {
    this.#at = at;
    this.token = this.tokens[at]!;
  }

  /** Reads one token; at the end it stays there. */
  next(): Token {
    const token = this.token;
    if (this.#at < this.tokens.length - 1) this.token = this.tokens[++this.#at]!;
    return token;
  }

  is(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  /** Reads the token if it is of this kind. */
  take(kind: TokenKind): boolean {
    if (this.token.kind !== kind) return false;
    this.next();
    return true;
  }

  expect(kind: TokenKind, because: string): Token {
    if (this.token.kind === kind) return this.next();
    const span = this.spanOf(this.token);
    const meant = this.token.kind === 'name' && isMeantAs(this.token.text, kind);
    const fix = meant ? { title: `write \`${kind}\``, span, replacement: kind } : undefined;
    return this.fail('CSP-SYN-005', span, `expected ${because}, found ${this.found()}`, fix);
  }

  /** Reads the bracket that closes `opening`, or says which one is open. */
  expectClose(kind: TokenKind, opening: Token): Token {
    if (this.token.kind === kind) return this.next();
    const found = this.token.kind;
    // A bracket that is half right is replaced; elsewhere the missing one is inserted.
    const halfRight = CLOSERS.has(found) && (kind.includes(found) || found.includes(kind));
    const fix = halfRight
      ? { title: `write \`${kind}\``, span: this.spanOf(this.token), replacement: kind }
      : { title: `insert \`${kind}\``, span: this.spanAfterPrevious(), replacement: kind };
    const opened = `\`${opening.text}\` of ${opening.line}:${opening.column}`;
    const message = `expected \`${kind}\` to close ${opened}, found ${this.found()}`;
    return this.fail('CSP-SYN-002', this.spanOf(this.token), message, fix);
  }

  /** The token to be read, as a message names it. */
  found(): string {
    const { kind, text } = this.token;
    if (kind === 'end') return 'the end of the script';
    if (kind === 'string') return 'a string';
    if (kind === 'char') return 'a character';
    if (kind === 'refines') return `\`[${text}=\``;
    if (kind === 'property') return 'a property `:[ ]`';
    if (kind === 'include') return 'an include';
    return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``;
  }

  spanOf(token: Token): Span {
    const { line, column, endLine, endColumn } = token;
    return { file: this.file, line, column, endLine, endColumn };
  }

  /** From a token or node to the last token read. */
  spanFrom(start: { readonly line: number; readonly column: number }): Span {
    const { endLine, endColumn } = this.previous;
    return { file: this.file, line: start.line, column: start.column, endLine, endColumn };
  }

  /** The tokens from the one at index `from` to the last one read, as written, comments left out, white space folded. */
  textFrom(from: number): string {
    const tokens = this.tokens.slice(from, this.at);
    let text = '';
    let end = tokens[0]?.start ?? 0;
    for (const token of tokens) {
      if (token.start > end) text += ' ';
      text += this.source.slice(token.start, token.end);
      end = token.end;
    }
    return text.replaceAll(/\s+/g, ' ');
  }

  /** Empty, just after the last token read: where something is missing. */
  spanAfterPrevious(): Span {
    const { endLine, endColumn } = this.previous;
    return { file: this.file, line: endLine, column: endColumn, endLine, endColumn };
  }

  error(code: SyntaxCode, span: Span, message: string, fix?: Fixing): void {
    this.report({ severity: 'error', code, span, message, ...(fix && { fix }) });
  }

  warn(code: SyntaxCode, span: Span, message: string, fix?: Fixing): void {
    this.report({ severity: 'warning', code, span, message, ...(fix && { fix }) });
  }

  fail(code: SyntaxCode, span: Span, message: string, fix?: Fixing): never {
    this.error(code, span, message, fix);
    throw ABANDONED;
  }

  /** Reads an expression inside another one, whose operators bind at least as tightly as `minimum`. Passed in, because all parts of expressions contain expressions. */
  expression(minimum?: number): Expression {
    return this.#expression(this, minimum);
  }

  /** Reads a list of declarations inside an expression. Passed in, because lists and expressions contain each other. */
  declarations(place: Place): Declaration[] {
    return this.#declarations(this, place);
  }

  /** Reads an include: the declarations of the file. */
  include(): Declaration[] {
    const token = this.next();
    return this.#include(token.text, this.spanOf(token), this.place);
  }

  /** One level deeper in the tree; `leave` undoes it. Bounds the recursion of everything that walks the tree. */
  enter(levels = 1): void {
    this.#depth += levels;
    if (this.#depth > this.depthMax) {
      this.#depth -= levels;
      this.fail('CSP-SYN-017', this.spanOf(this.token), `nested more than ${this.depthMax} levels deep here`);
    }
  }

  leave(levels = 1): void {
    this.#depth -= levels;
  }

  /** Runs `read` inside brackets: new lines mean nothing there, and `>` is a comparison unless the bracket is `<`. */
  inside<T>(bracket: 'sequence' | 'alphabets' | 'other', read: () => T): T {
    const outside = this.context();
    this.newlineEnds = false;
    this.inSequence = bracket === 'sequence';
    this.barsEnd = bracket === 'alphabets';
    this.equalsEnds = false;
    const result = read();
    this.restore(outside);
    return result;
  }

  context(): Context {
    const { newlineEnds, inSequence, equalsEnds, barsEnd, declarationColumn, place } = this;
    return { newlineEnds, inSequence, equalsEnds, barsEnd, declarationColumn, place, depth: this.#depth };
  }

  /** Back to an earlier context; also after an abandoned declaration. */
  restore(context: Context): void {
    this.newlineEnds = context.newlineEnds;
    this.inSequence = context.inSequence;
    this.equalsEnds = context.equalsEnds;
    this.barsEnd = context.barsEnd;
    this.declarationColumn = context.declarationColumn;
    this.place = context.place;
    this.#depth = context.depth;
  }

  /**
   * Whether a declaration starts at the token `distance` ahead: a keyword, or `name =`, or `name(...) =`.
   * Looks a bounded number of tokens ahead.
   */
  declarationStarts(distance = 0): boolean {
    const first = this.peek(distance);
    if (DECLARATION_KEYWORDS.has(first.kind)) return true;
    if (first.kind !== 'name') return false;
    let ahead = distance + 1;
    let open = 0;
    for (; ahead < distance + LOOK_AHEAD_MAX; ahead++) {
      const { kind } = this.peek(ahead);
      if (kind === '(') open++;
      else if (kind === ')') open--;
      else if (open === 0) return kind === '=' || kind === 'oftype';
      if (open < 0) return false;
    }
    return false;
  }

  /** The token before is a `;` after which nothing comes, as other languages end a statement. */
  refuseTrailingSemicolon(): never {
    const span = this.spanOf(this.previous);
    return this.fail('CSP-SYN-001', span, 'expected a process after `;`; a declaration ends at the end of its line', {
      title: 'remove `;`',
      span,
      replacement: '',
    });
  }

  /** Where an expression is expected: reports the declaration that starts instead. */
  refuseDeclarationStart(): void {
    const { token } = this;
    if (!token.afterNewline || !this.newlineEnds || token.column > this.declarationColumn) return;
    if (token.kind === 'include' || !this.declarationStarts()) return;
    const span = this.spanAfterPrevious();
    if (this.previous.kind === '=') {
      this.fail(
        'CSP-SYN-007',
        span,
        `expected the body of a declaration, found the next declaration, ${this.found()}`,
        {
          title: 'write a body',
          span,
          replacement: ' STOP',
        },
      );
    }
    if (this.previous.kind === ';') this.refuseTrailingSemicolon();
    const after = `after \`${this.previous.text}\``;
    this.fail('CSP-SYN-001', span, `expected an expression ${after}, found the next declaration, ${this.found()}`);
  }
}

export interface Context {
  readonly newlineEnds: boolean;
  readonly inSequence: boolean;
  readonly equalsEnds: boolean;
  readonly barsEnd: boolean;
  readonly declarationColumn: number;
  readonly place: Place;
  readonly depth: number;
}

const LOOK_AHEAD_MAX = 64;

const CLOSERS: ReadonlySet<TokenKind> = new Set<TokenKind>([')', ']', '}', '|', '|)', '|]', '|}', ']]', '+]']);

const DECLARATION_KEYWORDS: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'channel',
  'datatype',
  'subtype',
  'nametype',
  'external',
  'transparent',
  'assert',
  'module',
  'instance',
  'Timed',
  'print',
  'include',
]);
