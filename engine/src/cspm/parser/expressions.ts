/**
 * Expressions, by precedence climbing (Pratt): an operand, then operators as long as they bind at least as tightly as `minimum`.
 *
 * New lines: an operator at the start of a line continues the expression, except `-`, `<` and `(`, which may start a declaration.
 */
import { PRECEDENCE } from '../precedence.ts';
import type { BinaryOperator, Expression, Field, Link, QualifiedName, RenamingPair, Statement } from '../syntax.ts';
import type { Token, TokenKind } from '../tokens.ts';
import { foreignOperator, refuseModel, refuseOperand, refuseProcessAsEvent, stepWord } from './mistakes.ts';
import { both, toPattern, wildcard } from './patterns.ts';
import type { Place, Reader } from './reader.ts';

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

/** Reads `e, f, g`; none at all when `close` comes first. */
export function parseExpressions(reader: Reader, close: TokenKind): Expression[] {
  const expressions: Expression[] = [];
  if (reader.is(close)) return expressions;
  do expressions.push(parseExpression(reader));
  while (reader.take(','));
  return expressions;
}

export function parseQualifiedName(reader: Reader): QualifiedName {
  const first = reader.expect('name', 'a name');
  const parts = [first.text];
  while (reader.is('scope') && reader.peek().kind === 'name') {
    reader.next();
    parts.push(reader.next().text);
  }
  return { parts, span: reader.spanFrom(first) };
}

/** Reads `p <- S`, `p : S` or a condition. */
export function parseStatement(reader: Reader): Statement {
  const start = reader.token;
  const expression = parseExpression(reader);
  if (!reader.is('<-') && !reader.is(':')) return { kind: 'condition', span: expression.span, expression };
  const pattern = toPattern(reader, expression);
  reader.next();
  const from = parseExpression(reader);
  return { kind: 'generator', span: reader.spanFrom(start), pattern, from };
}

export function parseStatements(reader: Reader): Statement[] {
  const statements = [parseStatement(reader)];
  while (reader.take(',')) statements.push(parseStatement(reader));
  return statements;
}

// ── Operands ────────────────────────────────────────────────────────────────────────────────────────────────────────

function parseOperand(reader: Reader): Expression {
  const token = reader.token;
  if (token.afterNewline && !reader.equalsEnds) reader.refuseDeclarationStart();
  switch (token.kind) {
    case 'number':
      reader.next();
      return { kind: 'number', span: reader.spanOf(token), value: BigInt(token.text) };
    case 'true':
    case 'false':
      reader.next();
      return { kind: 'boolean', span: reader.spanOf(token), value: token.kind === 'true' };
    case 'string':
    case 'char':
      reader.next();
      return { kind: token.kind, span: reader.spanOf(token), value: token.text };
    case 'name': {
      const name = parseQualifiedName(reader);
      return { kind: 'name', span: name.span, name };
    }
    case '_':
      reader.next();
      return wildcard(reader, reader.spanOf(token));
    case '(':
      return parseParentheses(reader);
    case '<':
      return parseSequence(reader);
    case '{':
      return parseSet(reader);
    case '{|':
      return parseProductions(reader);
    case '(|':
      return parseMap(reader);
    case '-':
      return parsePrefixOperator(reader, 'negate', PRECEDENCE.sum + 1);
    case 'not':
      return parsePrefixOperator(reader, 'not', PRECEDENCE.not);
    case '#':
      return parsePrefixOperator(reader, 'length', PRECEDENCE.length);
    case 'if':
      return parseIf(reader);
    case 'let':
      return parseLet(reader);
    case '\\':
      return parseLambda(reader);
    case '[]':
    case '|~|':
    case '|||':
    case ';':
    case '||':
    case '[|':
    case '[+':
    case '[':
      return parseReplicated(reader);
    default:
      return refuseOperand(reader);
  }
}

function parsePrefixOperator(reader: Reader, kind: 'negate' | 'not' | 'length', minimum: number): Expression {
  const start = reader.next();
  const operand = parseExpression(reader, minimum);
  return { kind, span: reader.spanFrom(start), operand };
}

function parseParentheses(reader: Reader): Expression {
  const opening = reader.next();
  const elements = reader.inside('other', () => parseExpressions(reader, ')'));
  if (elements.length === 0) {
    const span = reader.spanOf(reader.token);
    return reader.fail('CSP-SYN-001', span, `expected an expression after \`(\`, found ${reader.found()}`);
  }
  reader.expectClose(')', opening);
  const span = reader.spanFrom(opening);
  return elements.length === 1 ? { kind: 'paren', span, inner: elements[0]! } : { kind: 'tuple', span, elements };
}

function parseSequence(reader: Reader): Expression {
  const opening = reader.next();
  return reader.inside('sequence', () => {
    const body = parseCollection(reader, '>');
    reader.expectClose('>', opening);
    const span = reader.spanFrom(opening);
    if (body.kind === 'elements') {
      return body.statements === undefined
        ? { kind: 'sequence', span, elements: body.elements }
        : { kind: 'sequenceComprehension', span, elements: body.elements, statements: body.statements };
    }
    const { low, high, statements } = body;
    return statements === undefined
      ? { kind: 'sequenceRange', span, low, high }
      : { kind: 'sequenceRangeComprehension', span, low, high, statements };
  });
}

function parseSet(reader: Reader): Expression {
  const opening = reader.next();
  return reader.inside('other', () => {
    const body = parseCollection(reader, '}');
    reader.expectClose('}', opening);
    const span = reader.spanFrom(opening);
    if (body.kind === 'elements') {
      return body.statements === undefined
        ? { kind: 'set', span, elements: body.elements }
        : { kind: 'setComprehension', span, elements: body.elements, statements: body.statements };
    }
    const { low, high, statements } = body;
    return statements === undefined
      ? { kind: 'setRange', span, low, high }
      : { kind: 'setRangeComprehension', span, low, high, statements };
  });
}

type Collection =
  | {
      readonly kind: 'elements';
      readonly elements: readonly Expression[];
      readonly statements: readonly Statement[] | undefined;
    }
  | {
      readonly kind: 'range';
      readonly low: Expression;
      readonly high: Expression | undefined;
      readonly statements: readonly Statement[] | undefined;
    };

/** What stands between the brackets of a set or sequence: elements or a range, then perhaps `| statements`. */
function parseCollection(reader: Reader, close: '>' | '}'): Collection {
  const elements = parseElements(reader, close);
  if (elements.length === 1 && reader.take('..')) {
    const high = reader.is(close) || reader.is('|') ? undefined : parseExpression(reader);
    return { kind: 'range', low: elements[0]!, high, statements: parseOptionalStatements(reader) };
  }
  return { kind: 'elements', elements, statements: parseOptionalStatements(reader) };
}

function parseElements(reader: Reader, close: TokenKind): Expression[] {
  return reader.is('|') ? [] : parseExpressions(reader, close);
}

function parseOptionalStatements(reader: Reader): Statement[] | undefined {
  return reader.take('|') ? parseStatements(reader) : undefined;
}

function parseProductions(reader: Reader): Expression {
  const opening = reader.next();
  return reader.inside('other', () => {
    const elements = parseElements(reader, '|}');
    const statements = parseOptionalStatements(reader) ?? [];
    reader.expectClose('|}', opening);
    return { kind: 'productions', span: reader.spanFrom(opening), elements, statements };
  });
}

function parseMap(reader: Reader): Expression {
  const opening = reader.next();
  return reader.inside('other', () => {
    const entries: { key: Expression; value: Expression }[] = [];
    if (!reader.is('|)')) {
      do {
        const key = parseExpression(reader);
        reader.expect('=>', '`=>` between a key and its value');
        entries.push({ key, value: parseExpression(reader) });
      } while (reader.take(','));
    }
    reader.expectClose('|)', opening);
    return { kind: 'map', span: reader.spanFrom(opening), entries };
  });
}

function parseIf(reader: Reader): Expression {
  const start = reader.next();
  const condition = parseExpression(reader);
  reader.expect('then', '`then` after the condition of `if`');
  const consequent = parseExpression(reader);
  reader.expect('else', '`else`: an `if` of CSPM always has both branches');
  const alternative = parseExpression(reader);
  return { kind: 'if', span: reader.spanFrom(start), condition, consequent, alternative };
}

const LET: Place = { closers: new Set<TokenKind>(['within']), inLet: true, inModule: false, inTimed: false };

function parseLet(reader: Reader): Expression {
  const start = reader.next();
  const declarations = reader.declarations(LET);
  reader.expect('within', `\`within\` after the declarations of \`let\` of ${start.line}:${start.column}`);
  const body = parseExpression(reader);
  return { kind: 'let', span: reader.spanFrom(start), declarations, body };
}

function parseLambda(reader: Reader): Expression {
  const start = reader.next();
  const parameters = [toPattern(reader, parseExpression(reader))];
  while (reader.take(',')) parameters.push(toPattern(reader, parseExpression(reader)));
  reader.expect('@', '`@` after the parameters of a lambda');
  const body = parseExpression(reader);
  return { kind: 'lambda', span: reader.spanFrom(start), parameters, body };
}

/** `[] x:S @ P`, and the same for every operator that has a replicated form. */
function parseReplicated(reader: Reader): Expression {
  const start = reader.next();
  const finish = (
    operator: Extract<Expression, { kind: 'replicated' }>['operator'],
    statements: readonly Statement[],
    minimum: number = PRECEDENCE.open,
  ): Expression => {
    const body = parseExpression(reader, minimum);
    return { kind: 'replicated', span: reader.spanFrom(start), operator, statements, body };
  };
  const range = (): Statement[] => {
    const statements = parseStatements(reader);
    reader.expect('@', `\`@\` before the process that \`${start.text}\` replicates`);
    return statements;
  };
  switch (start.kind) {
    case '[]':
      return finish({ of: 'externalChoice' }, range());
    case '|~|':
      return finish({ of: 'internalChoice' }, range());
    case '|||':
      return finish({ of: 'interleave' }, range());
    case ';':
      return finish({ of: 'sequential' }, range());
    case '||': {
      const statements = range();
      const opening = reader.expect('[', '`[alphabet]` before the process that `||` replicates');
      const alphabet = reader.inside('other', () => parseExpression(reader));
      reader.expectClose(']', opening);
      return finish({ of: 'alphabetizedParallel', alphabet }, statements, PRECEDENCE.parallel + 1);
    }
    case '[|': {
      const events = reader.inside('other', () => parseExpression(reader));
      reader.expectClose('|]', start);
      return finish({ of: 'generalizedParallel', events }, range());
    }
    case '[+': {
      const events = reader.inside('other', () => parseExpression(reader));
      reader.expectClose('+]', start);
      return finish({ of: 'synchronizingChoice', events }, range());
    }
    default: {
      const { links, statements } = reader.inside('other', () => parseLinks(reader, parseExpression(reader)));
      reader.expectClose(']', start);
      return finish({ of: 'linkParallel', links, statements }, range());
    }
  }
}

// ── Operators after an operand ──────────────────────────────────────────────────────────────────────────────────────

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
      warnIfChained(reader, left, startAt);
      return kind === '[|' ? parseGeneralizedParallel(reader, left, start) : parseBracketParallel(reader, left, start);
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

/** `P [|A|] Q` and `P [|A|> Q`. */
function parseGeneralizedParallel(reader: Reader, left: Expression, start: Token): Expression {
  const opening = reader.next();
  const events = reader.inside('other', () => parseExpression(reader));
  const exception = reader.take('|>');
  if (!exception) reader.expectClose('|]', opening);
  const right = parseExpression(reader, PRECEDENCE.parallel + 1);
  const kind = exception ? 'exception' : 'generalizedParallel';
  return { kind, span: reader.spanFrom(start), left, events, right };
}

/** `P [A || B] Q` and `P [a <-> b] Q`. */
function parseBracketParallel(reader: Reader, left: Expression, start: Token): Expression {
  refuseModel(reader);
  const opening = reader.next();
  const between = reader.inside('alphabets', () => {
    const first = parseExpression(reader);
    if (reader.take('||')) return { leftAlphabet: first, rightAlphabet: parseExpression(reader) };
    return parseLinks(reader, first);
  });
  reader.expectClose(']', opening);
  const right = parseExpression(reader, PRECEDENCE.parallel + 1);
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
function parseLinks(reader: Reader, first: Expression): { links: Link[]; statements: readonly Statement[] } {
  const links: Link[] = [];
  let from = first;
  for (;;) {
    const expected = reader.barsEnd ? '`||` between two alphabets or `<->` between two channels' : '`<->` of a link';
    reader.expect('<->', expected);
    const to = parseExpression(reader);
    links.push({ span: reader.spanFrom(from.span), left: from, right: to });
    if (!reader.take(',')) break;
    from = parseExpression(reader);
  }
  return { links, statements: parseOptionalStatements(reader) ?? [] };
}

function parseRenaming(reader: Reader, left: Expression, start: Token): Expression {
  const opening = reader.next();
  return reader.inside('other', () => {
    const pairs: RenamingPair[] = [];
    if (reader.is(']]')) {
      const span = reader.spanFrom(opening);
      reader.warn('CSP-SYN-031', span, 'this renaming has no pairs and changes nothing');
    } else {
      do {
        const from = parseExpression(reader);
        reader.expect('<-', '`<-` of a renaming `old <- new`');
        const to = parseExpression(reader);
        pairs.push({ span: reader.spanFrom(from.span), from, to });
      } while (reader.take(','));
    }
    const statements = parseOptionalStatements(reader) ?? [];
    reader.expectClose(']]', opening);
    return { kind: 'rename', span: reader.spanFrom(start), process: left, pairs, statements };
  });
}

/** `e -> P` and `c?x!e$y:S -> P`. */
function parsePrefix(reader: Reader, event: Expression, start: Token): Expression {
  const fields: Field[] = [];
  for (;;) {
    const token = reader.token;
    if (token.kind === '?' || token.kind === '$') {
      reader.next();
      const pattern = toPattern(reader, parseExpression(reader, PRECEDENCE.field + 1));
      const from = reader.take(':') ? parseExpression(reader, PRECEDENCE.fieldSet + 1) : undefined;
      const kind = token.kind === '?' ? 'input' : 'nondeterministic';
      fields.push({ kind, span: reader.spanFrom(token), pattern, from });
    } else if (token.kind === '!') {
      reader.next();
      const expression = parseExpression(reader, PRECEDENCE.field + 1);
      fields.push({ kind: 'output', span: reader.spanFrom(token), expression });
    } else if (token.kind === '.' && fields.length > 0) {
      const span = reader.spanOf(token);
      reader.error('CSP-SYN-027', span, 'the set of a field ends here; the next field starts with `!` or `?`', {
        title: 'write `!`',
        span,
        replacement: '!',
      });
      reader.next();
      const expression = parseExpression(reader, PRECEDENCE.field + 1);
      fields.push({ kind: 'output', span: reader.spanFrom(token), expression });
    } else {
      break;
    }
  }
  if (!reader.is('->')) {
    const span = reader.spanOf(reader.token);
    return reader.fail('CSP-SYN-027', span, `expected \`->\` after the fields of a prefix, found ${reader.found()}`, {
      title: 'end with `-> SKIP`',
      span: reader.spanAfterPrevious(),
      replacement: ' -> SKIP',
    });
  }
  if (fields.length === 0) refuseProcessAsEvent(reader, event);
  reader.next();
  const process = parseExpression(reader, PRECEDENCE.prefix);
  return { kind: 'prefix', span: reader.spanFrom(start), event, fields, process };
}
