/** What people write instead of CSPM: recognized, named, and read as meant so that parsing goes on. */
import { PRECEDENCE } from '../precedence.ts';
import type { Expression, Field } from '../syntax.ts';
import { KEYWORDS, type Token, type TokenKind } from '../tokens.ts';
import { parseExpression } from './expressions.ts';
import { ABANDONED, type Reader } from './reader.ts';

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

/** `RECEIVE c` or `SEND c` inside CSPM: reported, and read as `c?x` or `c!x`. Other words do not continue an expression. */
export function stepWord(reader: Reader, left: Expression, start: Token): Expression | undefined {
  if (left.kind !== 'name' || left.name.parts.length !== 1) return undefined;
  const word = left.name.parts[0]!.toUpperCase();
  if (word !== 'RECEIVE' && word !== 'SEND') return undefined;
  reader.sawSteps = true;
  const channel = reader.next();
  const span = reader.spanFrom(start);
  const meant = word === 'RECEIVE' ? `${channel.text}?x` : `${channel.text}!x`;
  reader.error('CSP-SYN-010', span, `\`${start.text} ${channel.text}\` is step notation; CSPM writes \`${meant}\``, {
    title: `write \`${meant}\``,
    span,
    replacement: meant,
  });
  const channelSpan = reader.spanOf(channel);
  const name = { parts: [channel.text], span: channelSpan };
  const event: Expression = { kind: 'name', span: channelSpan, name };
  if (!reader.is('->')) return event;
  reader.next();
  const x = { parts: ['x'], span };
  const field: Field =
    word === 'RECEIVE'
      ? { kind: 'input', span, pattern: { kind: 'name', span, name: x }, from: undefined }
      : { kind: 'output', span, expression: { kind: 'name', span, name: x } };
  const process = parseExpression(reader, PRECEDENCE.prefix);
  return { kind: 'prefix', span: reader.spanFrom(start), event, fields: [field], process };
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

/** The keyword that `word` is one slip away from: another case, a letter too many, too few, or another one. */
export function keywordLike(word: string): string | undefined {
  const lower = word.toLowerCase();
  for (const keyword of KEYWORDS) {
    if (keyword === word) return undefined;
    const plain = keyword.toLowerCase();
    if (lower === plain) return keyword;
    if (plain.length >= 5 && isOneSlipAway(lower, plain)) return keyword;
  }
  return undefined;
}

/** Whether one insertion, deletion, substitution or swap of neighbors turns `a` into `b`. */
function isOneSlipAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const rest = (x: string, from: number): string => x.slice(from);
  if (a.length === b.length) {
    const swapped = a[i] === b[i + 1] && a[i + 1] === b[i] && rest(a, i + 2) === rest(b, i + 2);
    return swapped || rest(a, i + 1) === rest(b, i + 1);
  }
  return a.length < b.length ? rest(a, i) === rest(b, i + 1) : rest(a, i + 1) === rest(b, i);
}
