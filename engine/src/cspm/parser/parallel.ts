/** Parallel operators between two processes: `P [|A|] Q`, `P [A || B] Q`, `P [a <-> b] Q`, and the exception `P [|A|> Q`, which starts as they do. */
import { PRECEDENCE } from '../precedence.ts';
import type { Expression, Link, Statement } from '../syntax.ts';
import type { Token } from '../tokens.ts';
import { refuseModel } from './mistakes.ts';
import type { Reader } from './reader.ts';
import { parseOptionalStatements } from './statements.ts';

/** The token to be read is `[|` or `[`; the left operand starts at the token with index `startAt`. */
export function parseParallel(reader: Reader, left: Expression, start: Token, startAt: number): Expression {
  warnIfChained(reader, left, startAt);
  return reader.is('[|') ? parseGeneralizedParallel(reader, left, start) : parseBracketParallel(reader, left, start);
}

/** `P [|A|] Q` and `P [|A|> Q`. */
function parseGeneralizedParallel(reader: Reader, left: Expression, start: Token): Expression {
  const opening = reader.next();
  const events = reader.inside('other', () => reader.expression());
  const exception = reader.take('|>');
  if (!exception) reader.expectClose('|]', opening);
  const right = reader.expression(PRECEDENCE.parallel + 1);
  const kind = exception ? 'exception' : 'generalizedParallel';
  return { kind, span: reader.spanFrom(start), left, events, right };
}

/** `P [A || B] Q` and `P [a <-> b] Q`. */
function parseBracketParallel(reader: Reader, left: Expression, start: Token): Expression {
  refuseModel(reader);
  const opening = reader.next();
  const between = reader.inside('alphabets', () => {
    const first = reader.expression();
    if (reader.take('||')) return { leftAlphabet: first, rightAlphabet: reader.expression() };
    return parseLinks(reader, first);
  });
  reader.expectClose(']', opening);
  const right = reader.expression(PRECEDENCE.parallel + 1);
  const span = reader.spanFrom(start);
  return 'links' in between
    ? { kind: 'linkParallel', span, left, ...between, right }
    : { kind: 'alphabetizedParallel', span, left, ...between, right };
}

const PARALLEL: ReadonlySet<Expression['kind']> = new Set<Expression['kind']>([
  'generalizedParallel',
  'alphabetizedParallel',
  'linkParallel',
  'exception',
]);

function warnIfChained(reader: Reader, left: Expression, startAt: number): void {
  if (!PARALLEL.has(left.kind)) return;
  const text = reader.source.slice(reader.tokens[startAt]!.start, reader.previous.end);
  reader.warn(
    'CSP-SYN-019',
    reader.spanOf(reader.token),
    `\`${reader.token.text}\` does not associate; everything left of it was read as its left operand`,
    { title: 'put the left operand in parentheses', span: left.span, replacement: `(${text})` },
  );
}

/** The links after the left end of the first one: `a <-> b, c <-> d | x <- S`. */
export function parseLinks(reader: Reader, first: Expression): { links: Link[]; statements: readonly Statement[] } {
  const links: Link[] = [];
  let from = first;
  for (;;) {
    const expected = reader.barsEnd ? '`||` between two alphabets or `<->` between two channels' : '`<->` of a link';
    reader.expect('<->', expected);
    const to = reader.expression();
    links.push({ span: reader.spanFrom(from.span), left: from, right: to });
    if (!reader.take(',')) break;
    from = reader.expression();
  }
  return { links, statements: parseOptionalStatements(reader) ?? [] };
}
