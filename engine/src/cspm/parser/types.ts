/** The types of annotations: `f :: (Eq a, Ord b) => (a, {b}) -> Bool`. */
import { PRECEDENCE } from '../precedence.ts';
import type { TypeConstraint, TypeExpression } from '../syntax.ts';
import { parseQualifiedName } from './operands.ts';
import type { Reader } from './reader.ts';

const CLASSES: ReadonlySet<string> = new Set(['Eq', 'Ord', 'Set', 'Complete', 'Inputable', 'Yieldable']);

/** Reads a type with the constraints before it. */
export function parseTypeScheme(reader: Reader): { constraints: TypeConstraint[]; type: TypeExpression } {
  const constraints = parseConstraints(reader);
  return { constraints, type: parseType(reader) };
}

function parseConstraints(reader: Reader): TypeConstraint[] {
  const isConstraint = (distance: number): boolean =>
    reader.peek(distance).kind === 'name' &&
    reader.peek(distance + 1).kind === 'name' &&
    !reader.peek(distance + 1).afterNewline;
  if (isConstraint(0)) {
    const constraint = parseConstraint(reader);
    reader.expect('=>', '`=>` after the constraint of a type');
    return [constraint];
  }
  if (!reader.is('(') || !isConstraint(1)) return [];
  const opening = reader.next();
  const constraints = [parseConstraint(reader)];
  while (reader.take(',')) constraints.push(parseConstraint(reader));
  reader.expectClose(')', opening);
  reader.expect('=>', '`=>` after the constraints of a type');
  return constraints;
}

function parseConstraint(reader: Reader): TypeConstraint {
  const name = reader.expect('name', 'a type class');
  if (!CLASSES.has(name.text)) {
    const known = [...CLASSES].join(', ');
    reader.error('CSP-SYN-024', reader.spanOf(name), `\`${name.text}\` is no type class; they are ${known}`);
  }
  const variable = reader.expect('name', 'a type variable');
  return { class: name.text, variable: { name: variable.text, span: reader.spanOf(variable) } };
}

function parseType(reader: Reader, minimum: number = PRECEDENCE.open): TypeExpression {
  reader.enter();
  const start = reader.token;
  let left = parseTypeOperand(reader);
  for (;;) {
    if (reader.is('.') && minimum <= PRECEDENCE.dot) {
      reader.next();
      const right = parseType(reader, PRECEDENCE.dot);
      left = { kind: 'dot', span: reader.spanFrom(start), left, right };
    } else if ((reader.is('=>') || reader.is('=>*')) && minimum <= PRECEDENCE.dot - 1) {
      const kind = reader.next().kind === '=>' ? 'dotable' : 'extendable';
      const to = parseType(reader, PRECEDENCE.dot - 1);
      left = { kind, span: reader.spanFrom(start), from: left, to };
    } else {
      break;
    }
  }
  reader.leave();
  return left;
}

function parseTypeOperand(reader: Reader): TypeExpression {
  const token = reader.token;
  switch (token.kind) {
    case 'name': {
      const name = parseQualifiedName(reader);
      const type: TypeExpression = { kind: 'name', span: name.span, name };
      if (!reader.is('->')) return type;
      reader.error('CSP-SYN-024', name.span, 'the arguments of a function type stand in parentheses', {
        title: 'add the parentheses',
        span: name.span,
        replacement: `(${name.parts.join('::')})`,
      });
      return parseResult(reader, token, [type]);
    }
    case '{': {
      reader.next();
      const of = parseType(reader);
      reader.expectClose('}', token);
      return { kind: 'set', span: reader.spanFrom(token), of };
    }
    case '<': {
      reader.next();
      const of = parseType(reader);
      reader.expectClose('>', token);
      return { kind: 'sequence', span: reader.spanFrom(token), of };
    }
    case '(|': {
      reader.next();
      const key = parseType(reader, PRECEDENCE.dot);
      reader.expect('=>', '`=>` between the types of keys and values');
      const value = parseType(reader);
      reader.expectClose('|)', token);
      return { kind: 'map', span: reader.spanFrom(token), key, value };
    }
    case '(':
      return parseTypeParentheses(reader);
    default:
      return reader.fail('CSP-SYN-024', reader.spanOf(token), `expected a type, found ${reader.found()}`);
  }
}

/** `(a)`, `(a, b)`, and `(a, b) -> c`. */
function parseTypeParentheses(reader: Reader): TypeExpression {
  const opening = reader.next();
  const elements: TypeExpression[] = [];
  if (!reader.is(')')) {
    do elements.push(parseType(reader));
    while (reader.take(','));
  }
  reader.expectClose(')', opening);
  if (reader.is('->')) return parseResult(reader, opening, elements);
  if (elements.length === 1) return elements[0]!;
  const span = reader.spanFrom(opening);
  if (elements.length === 0)
    return reader.fail('CSP-SYN-024', span, 'expected a type in the parentheses, or `->` after them');
  return { kind: 'tuple', span, elements };
}

function parseResult(
  reader: Reader,
  start: { readonly line: number; readonly column: number },
  parameters: readonly TypeExpression[],
): TypeExpression {
  reader.next();
  const result = parseType(reader);
  return { kind: 'function', span: reader.spanFrom(start), parameters, result };
}
