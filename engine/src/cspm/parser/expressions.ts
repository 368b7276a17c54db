/**
 * Expressions, by precedence climbing (Pratt): an operand, then operators as long as they bind at least as tightly as `minimum`.
 *
 * New lines: an operator at the start of a line continues the expression, except `-`, `<` and `(`, which may start a declaration.
 */
import { PRECEDENCE } from '../precedence.ts';
import type { BinaryOperator, Expression } from '../syntax.ts';
import type { Token, TokenKind } from '../tokens.ts';
import { parseExpressions } from './collections.ts';
import { foreignOperator, stepWord } from './mistakes.ts';
import { parseOperand } from './operands.ts';
import { parseParallel } from './parallel.ts';
import { both } from './patterns.ts';
import { parsePrefix } from './prefix.ts';
import type { Reader } from './reader.ts';
import { parseRenaming } from './renaming.ts';

const BINARY: ReadonlyMap<TokenKind, { readonly operator: BinaryOperator; readonly level: number }> = new Map(
  (
    [
      ['or', PRECEDENCE.or],
      ['and', PRECEDENCE.and],
      ['==', PRECEDENCE.comparison],
      ['!=', PRECEDENCE.comparison],
      ['<', PRECEDENCE.comparison],
      ['<=', PRECEDENCE.comparison],
      ['>', PRECEDENCE.comparison],
      ['>=', PRECEDENCE.comparison],
      ['+', PRECEDENCE.sum],
      ['-', PRECEDENCE.sum],
      ['*', PRECEDENCE.product],
      ['/', PRECEDENCE.product],
      ['%', PRECEDENCE.product],
      ['^', PRECEDENCE.concatenation],
    ] as const
  ).map(([operator, level]) => [operator, { operator, level }]),
);

/** Reads an expression whose operators bind at least as tightly as `minimum`. */
export function parseExpression(reader: Reader, minimum: number = PRECEDENCE.open): Expression {
  reader.enter();
  const start = reader.token;
  const startAt = reader.at;
  let left = parseOperand(reader);
  let levels = 1;
  for (;;) {
    const extended = parseInfix(reader, left, start, startAt, minimum);
    if (extended === undefined) break;
    left = extended;
    reader.enter();
    levels++;
  }
  reader.leave(levels);
  return left;
}

/** `left` extended by the next operator, or `undefined` when that does not belong to the expression. */
function parseInfix(
  reader: Reader,
  left: Expression,
  start: Token,
  startAt: number,
  minimum: number,
): Expression | undefined {
  const token = reader.token;
  const kind = token.kind;
  switch (kind) {
    case '->':
    case '?':
    case '!':
    case '$':
      return minimum > PRECEDENCE.prefix ? undefined : parsePrefix(reader, left, start);
    case '&': {
      if (minimum > PRECEDENCE.prefix) return undefined;
      reader.next();
      const process = parseExpression(reader, PRECEDENCE.prefix);
      return { kind: 'guard', span: reader.spanFrom(start), condition: left, process };
    }
    case '.':
      if (minimum > PRECEDENCE.dot) return undefined;
      reader.next();
      return dot(reader, start, left, parseExpression(reader, PRECEDENCE.dot));
    case '(':
      // A set is no function: after it the bracket belongs to what comes next, as when `|]` is missing in `P [|{a} (Q)`.
      if (newLineEndsHere(reader) || reader.previous.kind === '}' || reader.previous.kind === '|}') return undefined;
      return parseApplication(reader, left, start);
    case '[[':
      return parseRenaming(reader, left, start);
    case '\\':
    case '|\\': {
      if (minimum > PRECEDENCE.hide) return undefined;
      reader.next();
      const events = parseExpression(reader, PRECEDENCE.prefix);
      return { kind: kind === '\\' ? 'hide' : 'project', span: reader.spanFrom(start), process: left, events };
    }
    case '|||':
      return parseBinaryProcess(reader, left, start, 'interleave', PRECEDENCE.interleave, minimum);
    case '|~|':
      return parseBinaryProcess(reader, left, start, 'internalChoice', PRECEDENCE.internalChoice, minimum);
    case '[]':
      return parseBinaryProcess(reader, left, start, 'externalChoice', PRECEDENCE.externalChoice, minimum);
    case '/\\':
      return parseBinaryProcess(reader, left, start, 'interrupt', PRECEDENCE.interrupt, minimum);
    case '[>':
      return parseBinaryProcess(reader, left, start, 'slidingChoice', PRECEDENCE.slidingChoice, minimum);
    case ';':
      return parseBinaryProcess(reader, left, start, 'sequential', PRECEDENCE.sequential, minimum);
    case '[|':
    case '[':
      if (minimum > PRECEDENCE.parallel) return undefined;
      return parseParallel(reader, left, start, startAt);
    case '[+': {
      if (minimum > PRECEDENCE.externalChoice) return undefined;
      const events = parseEventsUntil(reader, '+]');
      const right = parseExpression(reader, PRECEDENCE.externalChoice + 1);
      return { kind: 'synchronizingChoice', span: reader.spanFrom(start), left, events, right };
    }
    case '/+': {
      if (minimum > PRECEDENCE.interrupt) return undefined;
      const events = parseEventsUntil(reader, '+\\');
      const right = parseExpression(reader, PRECEDENCE.interrupt + 1);
      return { kind: 'synchronizingInterrupt', span: reader.spanFrom(start), left, events, right };
    }
    case '@@': {
      if (minimum > PRECEDENCE.both) return undefined;
      reader.next();
      const right = parseExpression(reader, PRECEDENCE.both + 1);
      return both(reader, reader.spanFrom(start), left, right);
    }
    case '<':
    case '-':
      if (newLineEndsHere(reader)) return undefined;
      break;
    case '>':
      if (reader.inSequence && !isOperandOnSameLine(reader.peek())) return undefined;
      break;
    case 'name':
      return newLineEndsHere(reader) ? undefined : stepWord(reader, left, start);
  }
  const meant = foreignOperator(reader, left, minimum);
  if (meant === undefined) return undefined;
  const binary = BINARY.get(meant);
  if (binary === undefined || minimum > binary.level) return undefined;
  return parseBinary(reader, left, start, binary.operator, binary.level);
}

function newLineEndsHere(reader: Reader): boolean {
  return reader.newlineEnds && reader.token.afterNewline;
}

/** After `>` in a sequence: an operand shows that the sequence is not closed yet, as in `<x | x <- xs, x > 1>`. */
function isOperandOnSameLine(token: Token): boolean {
  if (token.afterNewline) return false;
  return token.kind === 'name' || token.kind === 'number' || token.kind === '(' || token.kind === 'char';
}

function parseBinary(
  reader: Reader,
  left: Expression,
  start: Token,
  operator: BinaryOperator,
  level: number,
): Expression {
  const token = reader.next();
  if (level === PRECEDENCE.comparison && isComparison(left)) {
    reader.error('CSP-SYN-018', reader.spanOf(token), 'comparisons do not chain: join two of them with `and`');
  }
  const right = parseExpression(reader, level + 1);
  return { kind: 'binary', span: reader.spanFrom(start), operator, left, right };
}

function isComparison(expression: Expression): boolean {
  return expression.kind === 'binary' && BINARY.get(expression.operator)?.level === PRECEDENCE.comparison;
}

/** Dots lean right: `(a.b).c` is read as `a.(b.c)`, the same value, so that consumers see one shape. */
function dot(
  reader: Reader,
  start: { readonly line: number; readonly column: number },
  left: Expression,
  right: Expression,
): Expression {
  const bare = withoutParentheses(left);
  if (bare.kind !== 'dot') return { kind: 'dot', span: reader.spanFrom(start), left, right };
  const rest = dot(reader, bare.right.span, bare.right, right);
  return { kind: 'dot', span: reader.spanFrom(start), left: bare.left, right: rest };
}

function withoutParentheses(expression: Expression): Expression {
  let bare = expression;
  while (bare.kind === 'paren') bare = bare.inner;
  return bare;
}

function parseApplication(reader: Reader, left: Expression, start: Token): Expression {
  const opening = reader.next();
  const values = reader.inside('other', () => parseExpressions(reader, ')'));
  reader.expectClose(')', opening);
  return { kind: 'apply', span: reader.spanFrom(start), function: left, arguments: values };
}

type BinaryProcess = 'interleave' | 'internalChoice' | 'externalChoice' | 'interrupt' | 'slidingChoice' | 'sequential';

function parseBinaryProcess(
  reader: Reader,
  left: Expression,
  start: Token,
  kind: BinaryProcess,
  level: number,
  minimum: number,
): Expression | undefined {
  if (minimum > level) return undefined;
  reader.next();
  const right = parseExpression(reader, level + 1);
  return { kind, span: reader.spanFrom(start), left, right };
}

function parseEventsUntil(reader: Reader, close: TokenKind): Expression {
  const opening = reader.next();
  const events = reader.inside('other', () => parseExpression(reader));
  reader.expectClose(close, opening);
  return events;
}
