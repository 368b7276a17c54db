/** What stands between brackets: lists of expressions, sequences, sets, productions `{| c |}` and maps. */
import type { Expression, Statement } from '../syntax.ts';
import type { TokenKind } from '../tokens.ts';
import type { Reader } from './reader.ts';
import { parseOptionalStatements } from './statements.ts';

/** Reads `e, f, g`; none at all when `close` comes first. */
export function parseExpressions(reader: Reader, close: TokenKind): Expression[] {
  const expressions: Expression[] = [];
  if (reader.is(close)) return expressions;
  do expressions.push(reader.expression());
  while (reader.take(','));
  return expressions;
}

export function parseSequence(reader: Reader): Expression {
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

export function parseSet(reader: Reader): Expression {
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
    const high = reader.is(close) || reader.is('|') ? undefined : reader.expression();
    return { kind: 'range', low: elements[0]!, high, statements: parseOptionalStatements(reader) };
  }
  return { kind: 'elements', elements, statements: parseOptionalStatements(reader) };
}

function parseElements(reader: Reader, close: TokenKind): Expression[] {
  return reader.is('|') ? [] : parseExpressions(reader, close);
}

export function parseProductions(reader: Reader): Expression {
  const opening = reader.next();
  return reader.inside('other', () => {
    const elements = parseElements(reader, '|}');
    const statements = parseOptionalStatements(reader) ?? [];
    reader.expectClose('|}', opening);
    return { kind: 'productions', span: reader.spanFrom(opening), elements, statements };
  });
}

export function parseMap(reader: Reader): Expression {
  const opening = reader.next();
  return reader.inside('other', () => {
    const entries: { key: Expression; value: Expression }[] = [];
    if (!reader.is('|)')) {
      do {
        const key = reader.expression();
        reader.expect('=>', '`=>` between a key and its value');
        entries.push({ key, value: reader.expression() });
      } while (reader.take(','));
    }
    reader.expectClose('|)', opening);
    return { kind: 'map', span: reader.spanFrom(opening), entries };
  });
}
