/**
 * Characters to tokens. White space and comments vanish; each token remembers whether it is the first of its line, because a new line
 * ends a declaration unless an operator continues it (the parser knows which).
 *
 * `<` and `>` stay single tokens: only the parser knows whether it stands before or after an operand.
 */
import type { Span } from '../csp/index.ts';
import type { SyntaxCode } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { LOOKALIKES } from './lookalikes.ts';
import { FOREIGN_OPERATORS, KEYWORDS, OPERATORS, type Token, type TokenKind } from './tokens.ts';

export interface Lexed {
  /** Ends with a token of kind `end`. */
  readonly tokens: readonly Token[];
  readonly diagnostics: readonly Diagnostic[];
}

const DIGITS_MAX = 1000;
const KEYWORD_SET: ReadonlySet<string> = new Set(KEYWORDS);
const BY_FIRST_CHARACTER = operatorsByFirstCharacter();
const REFINES = /\[\s{0,8}(T|FD|F|RD|R|VD|V)\s{0,8}=(?!=)/y;
const PROPERTY =
  /:[ \t]{0,60}\[\s*([A-Za-z][A-Za-z _-]{0,60}?)\s{0,60}(?:\[\s{0,60}([A-Za-z]{1,20})\s{0,60}\])?\s{0,60}\](?::(?![:[]))?/y;
const SPACED_PROPERTY = /:[ \t]{1,60}\[\s{0,60}(?:deadlock|divergence|livelock|deterministic|has trace|tau|partial)/y;
const INCLUDE_PATH = /[ \t]+"([^"\r\n]*)"/y;
const PRINT_WORD = /[ \t]+(?![=\s])/y;

/** The tokens of `source`, with what could not be read as diagnostics. Never throws; linear in the length of the source. */
export function lex(source: string, file: string): Lexed {
  const tokens: Token[] = [];
  const diagnostics: Diagnostic[] = [];
  const length = source.length;
  let at = 0;
  let line = 1;
  let lineStart = 0;
  let afterNewline = true;

  const spanOf = (start: number, end: number): Span => ({
    file,
    line,
    column: start - lineStart + 1,
    endLine: line,
    endColumn: end - lineStart + 1,
  });
  const report = (
    severity: Diagnostic['severity'],
    code: SyntaxCode,
    span: Span,
    message: string,
    fix?: { title: string; replacement: string; span?: Span },
  ): void => {
    diagnostics.push({
      severity,
      code,
      span,
      message,
      ...(fix && { fix: { title: fix.title, span: fix.span ?? span, replacement: fix.replacement } }),
    });
  };
  const push = (kind: TokenKind, text: string, end: number, option?: string): void => {
    tokens.push({
      kind,
      text,
      start: at,
      end,
      line,
      column: at - lineStart + 1,
      endLine: line,
      endColumn: end - lineStart + 1,
      afterNewline,
      ...(option !== undefined && { option }),
    });
    afterNewline = false;
    at = end;
  };
  const newline = (next: number): void => {
    line++;
    lineStart = next;
    afterNewline = true;
    at = next;
  };
  /** Passes the line ends in `[at, end)`, for tokens that may run over several lines. */
  const passLines = (end: number): void => {
    for (let i = at; i < end; i++) {
      const c = source.charCodeAt(i);
      if (c === LF || (c === CR && source.charCodeAt(i + 1) !== LF)) {
        line++;
        lineStart = i + 1;
      }
    }
    at = end;
  };

  if (source.charCodeAt(0) === BYTE_ORDER_MARK) {
    at = 1;
    lineStart = 1;
  }
  while (at < length) {
    const c = source.charCodeAt(at);
    if (c === SPACE || c === TAB || c === NO_BREAK_SPACE || c === VERTICAL_TAB || c === FORM_FEED) {
      at++;
    } else if (c === LF) {
      newline(at + 1);
    } else if (c === CR) {
      if (source.charCodeAt(at + 1) === LF) at++;
      else newline(at + 1);
    } else if (c === MINUS && source.charCodeAt(at + 1) === MINUS) {
      at = endOfLine(source, at);
    } else if (c === BRACE && source.charCodeAt(at + 1) === MINUS) {
      skipComment();
    } else if (isLetter(c)) {
      lexWord();
    } else if (isDigit(c)) {
      lexNumber();
    } else if (c === UNDERSCORE) {
      lexUnderscore();
    } else if (c === QUOTE) {
      lexString();
    } else if (c === PRIME) {
      lexChar();
    } else {
      lexOperator(c);
    }
  }
  push('end', '', at);
  return { tokens, diagnostics };

  function skipComment(): void {
    const opening = spanOf(at, at + 2);
    let depth = 0;
    let i = at;
    while (i < length) {
      const c = source.charCodeAt(i);
      if (c === BRACE && source.charCodeAt(i + 1) === MINUS) {
        depth++;
        i += 2;
      } else if (c === MINUS && source.charCodeAt(i + 1) === BRACE_END) {
        depth--;
        i += 2;
        if (depth === 0) {
          const lineBefore = line;
          passLines(i);
          if (line !== lineBefore) afterNewline = true;
          return;
        }
      } else {
        i++;
      }
    }
    const digit = isDigit(source.charCodeAt(at + 2));
    report(
      'error',
      'CSP-LEX-004',
      opening,
      digit
        ? 'this opens a comment that is not closed; a set that starts with a negative number is written `{ -`'
        : 'this comment is not closed',
      digit ? { title: 'put a space between `{` and `-`', replacement: '{ -' } : undefined,
    );
    passLines(length);
  }

  function lexWord(): void {
    let end = at + 1;
    while (isNameCharacter(source.charCodeAt(end))) end++;
    while (source.charCodeAt(end) === PRIME) end++;
    const text = source.slice(at, end);
    if (text === 'include') {
      INCLUDE_PATH.lastIndex = end;
      const path = INCLUDE_PATH.exec(source);
      if (path) {
        push('include', path[1]!, INCLUDE_PATH.lastIndex);
        return;
      }
    }
    if (text === 'print' && afterNewline) {
      PRINT_WORD.lastIndex = end;
      if (PRINT_WORD.test(source)) {
        push('print', text, end);
        return;
      }
    }
    push(KEYWORD_SET.has(text) ? (text as TokenKind) : 'name', text, end);
  }

  function lexNumber(): void {
    let end = at + 1;
    while (isDigit(source.charCodeAt(end))) end++;
    if (end - at > DIGITS_MAX) {
      report('error', 'CSP-LEX-009', spanOf(at, end), `a number of ${end - at} digits; the limit is ${DIGITS_MAX}`);
      push('number', '0', end);
      return;
    }
    push('number', source.slice(at, end), end);
  }

  function lexUnderscore(): void {
    let end = at + 1;
    while (isNameCharacter(source.charCodeAt(end))) end++;
    while (end > at + 1 && source.charCodeAt(end) === PRIME) end++;
    if (end === at + 1) {
      push('_', '_', end);
      return;
    }
    const name = source.slice(at, end);
    report(
      'warning',
      'CSP-LEX-006',
      spanOf(at, end),
      `the name \`${name}\` starts with \`_\`; CSPM names start with a letter`,
    );
    push('name', name, end);
  }

  function lexString(): void {
    let value = '';
    let i = at + 1;
    for (;;) {
      const c = source.charCodeAt(i);
      if (i >= length || c === LF || c === CR) {
        report('error', 'CSP-LEX-002', spanOf(at, i), 'this string is not closed on its line', {
          title: 'close it with `"`',
          replacement: `${source.slice(at, i)}"`,
        });
        push('string', value, i);
        return;
      }
      if (c === QUOTE) {
        push('string', value, i + 1);
        return;
      }
      if (c === BACKSLASH && i + 1 < length) {
        i++;
        if (isLineEnd(source.charCodeAt(i))) continue;
        value += unescaped(source[i]!);
      } else {
        value += source[i]!;
      }
      i++;
    }
  }

  function lexChar(): void {
    const escaped = source.charCodeAt(at + 1) === BACKSLASH;
    const first = escaped ? at + 2 : at + 1;
    const size = (source.codePointAt(first) ?? 0) > 0xffff ? 2 : 1;
    const close = first + size;
    if (first < length && !isLineEnd(source.charCodeAt(first)) && source.charCodeAt(close) === PRIME) {
      const character = source.slice(first, close);
      push('char', escaped ? unescaped(character) : character, close + 1);
      return;
    }
    report('error', 'CSP-LEX-003', spanOf(at, at + 1), "expected a character literal such as `'c'`");
    at++;
  }

  function lexOperator(c: number): void {
    if (c === BACKSLASH && source.charCodeAt(at + 1) === BACKSLASH) {
      report('warning', 'CSP-LEX-005', spanOf(at, at + 2), '`\\\\` is read as hiding, `\\`', {
        title: 'write `\\`',
        replacement: '\\',
      });
      push('\\', '\\', at + 2);
      return;
    }
    if (c === SQUARE) {
      REFINES.lastIndex = at;
      const model = REFINES.exec(source);
      if (model) {
        pushOverLines('refines', model[1]!, REFINES.lastIndex);
        return;
      }
    }
    if (c === COLON) {
      const next = source.charCodeAt(at + 1);
      if (next === COLON) {
        const spaced = isSpace(source.charCodeAt(at - 1)) || isSpace(source.charCodeAt(at + 2)) || at + 2 >= length;
        push(spaced ? 'oftype' : 'scope', '::', at + 2);
        return;
      }
      SPACED_PROPERTY.lastIndex = at;
      if (next === SQUARE || SPACED_PROPERTY.test(source)) {
        lexProperty();
        return;
      }
    }
    if (c === ROUND && source.charCodeAt(at + 1) === BAR) {
      const next = source.charCodeAt(at + 2);
      if (next !== BAR && next !== TILDE) {
        push('(|', '(|', at + 2);
        return;
      }
    }
    const candidates = BY_FIRST_CHARACTER[c];
    if (candidates) {
      for (const operator of candidates) {
        if (source.startsWith(operator, at)) {
          push(operator, operator, at + operator.length);
          return;
        }
      }
    }
    lexUnknown();
  }

  function lexProperty(): void {
    PROPERTY.lastIndex = at;
    const property = PROPERTY.exec(source);
    if (property) {
      pushOverLines('property', property[1]!, PROPERTY.lastIndex, property[2]);
      return;
    }
    const lineEnd = endOfLine(source, at);
    const close = source.slice(at, lineEnd).indexOf(']');
    const end = close >= 0 ? at + close + 1 : lineEnd;
    report('error', 'CSP-LEX-008', spanOf(at, end), 'expected a property such as `:[deadlock free [F]]`');
    push('property', '', end);
  }

  function pushOverLines(kind: TokenKind, text: string, end: number, option?: string): void {
    push(kind, text, end, option);
    const token = tokens[tokens.length - 1]!;
    const rewound = token.start;
    at = rewound;
    passLines(end);
    if (line !== token.line) tokens[tokens.length - 1] = { ...token, endLine: line, endColumn: end - lineStart + 1 };
  }

  function lexUnknown(): void {
    const character = String.fromCodePoint(source.codePointAt(at)!);
    const meant = LOOKALIKES.get(character);
    if (meant) {
      report(
        'error',
        'CSP-LEX-001',
        spanOf(at, at + character.length),
        `CSPM writes \`${meant}\` for \`${character}\``,
        {
          title: `write \`${meant}\``,
          replacement: KEYWORD_SET.has(meant) ? ` ${meant} ` : meant,
        },
      );
      push(meant, meant, at + character.length);
      return;
    }
    let end = at;
    while (end < length && isUnknown(source.charCodeAt(end))) end++;
    if (end === at) end++;
    const text = source.slice(at, end);
    const shown = text.length > 20 ? `${text.slice(0, 20)}…` : text;
    report(
      'error',
      'CSP-LEX-001',
      spanOf(at, end),
      `unexpected ${text.length === 1 ? 'character' : 'characters'} ${JSON.stringify(shown)}`,
    );
    at = end;
  }
}

const LF = 10;
const CR = 13;
const TAB = 9;
const VERTICAL_TAB = 11;
const FORM_FEED = 12;
const SPACE = 32;
const NO_BREAK_SPACE = 0xa0;
const BYTE_ORDER_MARK = 0xfeff;
const QUOTE = 34;
const PRIME = 39;
const ROUND = 40;
const MINUS = 45;
const COLON = 58;
const SQUARE = 91;
const BACKSLASH = 92;
const UNDERSCORE = 95;
const BRACE = 123;
const BAR = 124;
const BRACE_END = 125;
const TILDE = 126;

function operatorsByFirstCharacter(): (readonly (typeof OPERATORS | typeof FOREIGN_OPERATORS)[number][])[] {
  const table: (typeof OPERATORS | typeof FOREIGN_OPERATORS)[number][][] = [];
  for (const operator of [...OPERATORS, ...FOREIGN_OPERATORS]) (table[operator.charCodeAt(0)] ??= []).push(operator);
  for (const row of table) row?.sort((a, b) => b.length - a.length);
  return table;
}

function endOfLine(source: string, from: number): number {
  let i = from;
  while (i < source.length && !isLineEnd(source.charCodeAt(i))) i++;
  return i;
}
function isLineEnd(c: number): boolean {
  return c === LF || c === CR;
}
function isSpace(c: number): boolean {
  return c === SPACE || c === NO_BREAK_SPACE || (c >= TAB && c <= CR);
}
function isLetter(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
}
function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}
function isNameCharacter(c: number): boolean {
  return isLetter(c) || isDigit(c) || c === UNDERSCORE;
}
/** Outside the printable ASCII range and no white space: reported as one run. */
function isUnknown(c: number): boolean {
  return (c < SPACE || c > 126) && !isSpace(c) && !LOOKALIKES.has(String.fromCharCode(c));
}
function unescaped(character: string): string {
  return character === 'n' ? '\n' : character === 't' ? '\t' : character === 'r' ? '\r' : character;
}
