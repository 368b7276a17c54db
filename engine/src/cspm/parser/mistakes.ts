/** What people write instead of CSPM: recognized, named, and read as meant so that parsing goes on. */
import { PRECEDENCE } from '../precedence.ts';
import { translateStepList } from '../steps/translation.ts';
import type { Expression } from '../syntax.ts';
import type { Token, TokenKind } from '../tokens.ts';
import { ABANDONED, type Reader } from './reader.ts';
import { keywordLike } from './spelling.ts';

/** The operator that the token stands for; itself when it is CSPM; `undefined` when it does not continue an expression. */
export function foreignOperator(reader: Reader, left: Expression, minimum: number): TokenKind | undefined {
  const { token } = reader;
  switch (token.kind) {
    case '&&':
      return minimum > PRECEDENCE.and ? undefined : replaceBy(reader, 'and', 'CSP-SYN-011');
    case '||': {
      if (reader.barsEnd || minimum > PRECEDENCE.or) return undefined;
      if (isProbablyProcess(left)) {
        const span = reader.spanOf(token);
        reader.error(
          'CSP-SYN-011',
          span,
          '`||` between processes names no alphabets: write `|||` for independent processes, `[|A|]` or `[A||B]` for synchronized ones',
          { title: 'write `|||`', span, replacement: '|||' },
        );
        throw ABANDONED;
      }
      return replaceBy(reader, 'or', 'CSP-SYN-011');
    }
    case '/=':
      return minimum > PRECEDENCE.comparison ? undefined : replaceBy(reader, '!=', 'CSP-SYN-011');
    case '<': {
      const following = reader.peek();
      if (following.kind !== '>' || following.start !== token.end || minimum > PRECEDENCE.comparison) return '<';
      const span = { ...reader.spanOf(token), endColumn: following.endColumn };
      reader.error('CSP-SYN-011', span, 'CSPM writes `!=` for `<>` between values', {
        title: 'write `!=`',
        span,
        replacement: '!=',
      });
      reader.next();
      return '!=';
    }
    case '=':
      if (reader.equalsEnds || minimum > PRECEDENCE.comparison) return undefined;
      return replaceBy(reader, '==', 'CSP-SYN-008');
    default:
      return token.kind;
  }
}

function replaceBy(reader: Reader, meant: TokenKind, code: 'CSP-SYN-008' | 'CSP-SYN-011'): TokenKind {
  const span = reader.spanOf(reader.token);
  const padded = meant === 'and' || meant === 'or' ? pad(reader, meant) : meant;
  reader.error(code, span, `CSPM writes \`${meant}\` for \`${reader.token.text}\` between values`, {
    title: `write \`${meant}\``,
    span,
    replacement: padded,
  });
  return meant;
}

/** A word operator needs space around it. */
function pad(reader: Reader, word: string): string {
  const { start, end } = reader.token;
  const before = reader.previous.end === start ? ' ' : '';
  const after = reader.peek().start === end ? ' ' : '';
  return `${before}${word}${after}`;
}

const PROCESS_KINDS: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'prefix',
  'guard',
  'externalChoice',
  'internalChoice',
  'slidingChoice',
  'interrupt',
  'exception',
  'sequential',
  'interleave',
  'generalizedParallel',
  'alphabetizedParallel',
  'linkParallel',
  'synchronizingChoice',
  'synchronizingInterrupt',
  'hide',
  'project',
  'replicated',
]);
const PROCESS_NAMES: ReadonlySet<string> = new Set(['STOP', 'SKIP', 'DIV']);
const PROCESS_FUNCTIONS: ReadonlySet<string> = new Set(['CHAOS', 'RUN']);

function isCertainlyProcess(expression: Expression): boolean {
  if (expression.kind === 'paren') return isCertainlyProcess(expression.inner);
  if (expression.kind === 'name') return PROCESS_NAMES.has(expression.name.parts.join('::'));
  if (expression.kind === 'apply') {
    const { function: called } = expression;
    return called.kind === 'name' && PROCESS_FUNCTIONS.has(called.name.parts.join('::'));
  }
  return PROCESS_KINDS.has(expression.kind);
}

/** By the habit of starting the names of processes with a capital. */
function isProbablyProcess(expression: Expression): boolean {
  if (expression.kind === 'paren') return isProbablyProcess(expression.inner);
  if (expression.kind === 'apply') return isProbablyProcess(expression.function);
  if (expression.kind === 'name') return /^[A-Z]/.test(expression.name.parts.at(-1)!);
  return isCertainlyProcess(expression);
}

/** Reports a process left of `->`; the token to be read is the arrow. */
export function refuseProcessAsEvent(reader: Reader, event: Expression): void {
  if (!isCertainlyProcess(event)) return;
  const arrow = reader.spanOf(reader.token);
  const what = event.kind === 'name' ? `\`${event.name.parts.join('::')}\` is a process` : 'a process stands';
  const where =
    event.kind === 'name' ? 'but an event must stand left of `->`' : 'left of `->`, where an event is expected';
  reader.error(
    'CSP-SYN-009',
    event.span,
    `${what}${event.kind === 'name' ? ',' : ''} ${where}; one process after another is \`P ; Q\``,
    {
      title: 'compose in sequence: write `;`',
      span: arrow,
      replacement: ';',
    },
  );
}

/**
 * Step notation inside CSPM: the whole list is reported once, with its translation as the fix, and read as `SKIP`.
 * The token to be read is the name after `left`; other words than RECEIVE and SEND do not continue an expression.
 */
export function stepWord(reader: Reader, left: Expression, start: Token): Expression | undefined {
  if (left.kind !== 'name' || !isStepWord(start)) return undefined;
  reader.sawSteps = true;
  const channel = reader.next();
  while (reader.is('->') && !reader.peek().afterNewline) {
    const [first, second] = [reader.peek(1), reader.peek(2)];
    if (isStepWord(first) && second.kind === 'name') readTokens(reader, 3);
    else if (first.kind === 'name' && /^(?:stop|skip|repeat)$/i.test(first.text)) readTokens(reader, 2);
    else break;
  }
  const span = reader.spanFrom(start);
  const text = reader.source.slice(start.start, reader.previous.end);
  const translation = translateStepList(text, {}, reader.file);
  reader.error(
    'CSP-SYN-010',
    span,
    `\`${start.text} ${channel.text}\` is step notation, not CSPM`,
    'cspm' in translation ? { title: 'write it in CSPM', span, replacement: translation.cspm } : undefined,
  );
  return { kind: 'name', span, name: { parts: ['SKIP'], span } };
}

function isStepWord(token: Token): boolean {
  return token.kind === 'name' && /^(?:receive|send)$/i.test(token.text);
}

function readTokens(reader: Reader, count: number): void {
  for (let i = 0; i < count; i++) reader.next();
}

const CLOSING: ReadonlySet<TokenKind> = new Set<TokenKind>([')', ']', '}', '|}', '|]', '|)', ']]', '+]', '>']);
const OPERAND: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'name', 'number', 'string', 'char', 'true', 'false', '_', '{', '{|', '(|', '(', '<', '#', 'not', 'if', 'let',
]); // biome-ignore format: a row of kinds

/** Words of other languages after an operand, and what CSPM writes. */
const FOREIGN_WORDS: ReadonlyMap<string, string> = new Map([
  ['mod', '%'],
  ['div', '/'],
  ['in', 'within'],
  ['elif', 'else if'],
  ['elseif', 'else if'],
  ['elsif', 'else if'],
  ['where', 'let … within'],
]);

/** Reports what stands after a complete expression or declaration and does not belong there. */
export function refuseTrailing(reader: Reader, expected: string): void {
  const { token, previous } = reader;
  const span = reader.spanOf(token);
  if (CLOSING.has(token.kind)) {
    reader.error('CSP-SYN-003', span, `\`${token.text}\` closes nothing`, {
      title: `remove \`${token.text}\``,
      span,
      replacement: '',
    });
    return;
  }
  const misspelt = previous.kind === 'name' ? keywordLike(previous.text) : undefined;
  if (misspelt !== undefined && OPERAND.has(token.kind)) {
    const wordSpan = reader.spanOf(previous);
    reader.error('CSP-SYN-004', wordSpan, `\`${previous.text}\` is a name here; the keyword is \`${misspelt}\``, {
      title: `write \`${misspelt}\``,
      span: wordSpan,
      replacement: misspelt,
    });
    return;
  }
  const foreign = token.kind === 'name' ? (FOREIGN_WORDS.get(token.text) ?? keywordLike(token.text)) : undefined;
  if (foreign !== undefined) {
    reader.error('CSP-SYN-011', span, `CSPM writes \`${foreign}\` for \`${token.text}\``, {
      title: `write \`${foreign}\``,
      span,
      replacement: foreign,
    });
    return;
  }
  if (OPERAND.has(token.kind)) {
    reader.error('CSP-SYN-004', span, `expected an operator or ${expected}, found ${reader.found()}`);
    return;
  }
  reader.error('CSP-SYN-005', span, `expected ${expected}, found ${reader.found()}`);
}

/** Where an operand is expected: reports what stands there. */
export function refuseOperand(reader: Reader): never {
  const { token, previous } = reader;
  const span = reader.spanOf(token);
  const hasPrevious = reader.at > 0;
  const adjacent = hasPrevious && previous.end === token.start;
  const found = reader.found();
  if (token.kind === '<-') {
    return reader.fail(
      'CSP-SYN-001',
      span,
      'expected an expression; `<-` is one token: a sequence that starts with `-` needs a space',
      {
        title: 'write `< -`',
        span,
        replacement: '< -',
      },
    );
  }
  if (token.kind === '!') {
    return reader.fail('CSP-SYN-011', span, 'CSPM writes `not` for `!` before a value', {
      title: 'write `not`',
      span,
      replacement: 'not ',
    });
  }
  if (token.kind === '>' && previous.kind === '-' && !adjacent) {
    const arrow = { ...reader.spanOf(previous), endLine: token.endLine, endColumn: token.endColumn };
    return reader.fail('CSP-SYN-011', arrow, 'the arrow `->` is written without a space', {
      title: 'write `->`',
      span: arrow,
      replacement: '->',
    });
  }
  if (hasPrevious && previous.kind === ';') reader.refuseTrailingSemicolon();
  const after = hasPrevious && previous.kind !== 'name' ? ` after \`${previous.text}\`` : '';
  return reader.fail('CSP-SYN-001', span, `expected an expression${after}, found ${found}`);
}

/** `P [X= Q` where X is no semantic model; the token to be read is the bracket. */
export function refuseModel(reader: Reader): void {
  const [name, equals] = [reader.peek(1), reader.peek(2)];
  if (name.kind !== 'name' || equals.kind !== '=') return;
  const span = { ...reader.spanOf(reader.token), endLine: equals.endLine, endColumn: equals.endColumn };
  reader.fail(
    'CSP-SYN-005',
    span,
    `\`${name.text}\` is no semantic model; refinement is checked in T, F, FD, R, RD, V or VD`,
    {
      title: 'write `[FD=`',
      span,
      replacement: '[FD=',
    },
  );
}
