/**
 * Patterns are read as expressions and converted when what follows (`=`, `<-`, `@`, `->`) shows that they are patterns:
 * before that, `f(x,y)` of a call and of a definition look the same.
 */
import type { Span } from '../../csp/index.ts';
import type { Expression, Pattern } from '../syntax.ts';
import type { Reader } from './reader.ts';

/** `_`, among the expressions until it is converted. */
export function wildcard(reader: Reader, span: Span): Expression {
  const node = { kind: 'wildcard', span } as unknown as Expression;
  reader.patternOnly.add(node);
  return node;
}

/** `p @@ q`, among the expressions until it is converted. */
export function both(reader: Reader, span: Span, left: Expression, right: Expression): Expression {
  const node = { kind: 'both', span, left, right } as unknown as Expression;
  reader.patternOnly.add(node);
  return node;
}

type PatternExpression =
  | Expression
  | { readonly kind: 'wildcard'; readonly span: Span }
  | { readonly kind: 'both'; readonly span: Span; readonly left: Expression; readonly right: Expression };

/** The pattern that was read as `expression`. */
export function toPattern(reader: Reader, expression: Expression): Pattern {
  const pattern = convert(reader, expression);
  checkPattern(reader, pattern);
  return pattern;
}

function convert(reader: Reader, expression: Expression): Pattern {
  const { span } = expression;
  const from = expression as PatternExpression;
  switch (from.kind) {
    case 'name':
      return { kind: 'name', span, name: from.name };
    case 'number':
      return { kind: 'number', span, value: from.value };
    case 'boolean':
      return { kind: 'boolean', span, value: from.value };
    case 'char':
    case 'string':
      return { kind: from.kind, span, value: from.value };
    case 'negate':
      if (from.operand.kind === 'number') return { kind: 'number', span, value: -from.operand.value };
      break;
    case 'tuple':
    case 'sequence':
    case 'set':
      return { kind: from.kind, span, elements: from.elements.map((e) => convert(reader, e)) };
    case 'paren':
      return { kind: 'paren', span, inner: convert(reader, from.inner) };
    case 'dot':
      return { kind: 'dot', span, left: convert(reader, from.left), right: convert(reader, from.right) };
    case 'binary':
      if (from.operator === '^') {
        return { kind: 'concatenation', span, left: convert(reader, from.left), right: convert(reader, from.right) };
      }
      break;
    case 'wildcard':
      reader.patternOnly.delete(expression);
      return { kind: 'wildcard', span };
    case 'both':
      reader.patternOnly.delete(expression);
      return { kind: 'both', span, left: convert(reader, from.left), right: convert(reader, from.right) };
  }
  return reader.fail('CSP-SYN-012', span, 'expected a pattern: names, literals, tuples, dots, `<..>`, `^` or `{x}`');
}

/** A value must match in at most one way: one part of unknown length, at most one element of a set. */
function checkPattern(reader: Reader, pattern: Pattern): void {
  switch (pattern.kind) {
    case 'concatenation': {
      const parts = concatenated(pattern);
      if (parts.filter((part) => !hasKnownLength(part)).length > 1) {
        reader.error(
          'CSP-SYN-030',
          pattern.span,
          'this pattern matches in several ways: at most one part of `^` may have unknown length',
        );
      }
      for (const part of parts) checkPattern(reader, part);
      return;
    }
    case 'set':
      if (pattern.elements.length > 1) {
        reader.error(
          'CSP-SYN-030',
          pattern.span,
          'a set pattern is `{}` or `{p}`: the elements of a set have no order',
        );
      }
      for (const element of pattern.elements) checkPattern(reader, element);
      return;
    case 'tuple':
    case 'sequence':
      for (const element of pattern.elements) checkPattern(reader, element);
      return;
    case 'paren':
      checkPattern(reader, pattern.inner);
      return;
    case 'dot':
    case 'both':
      checkPattern(reader, pattern.left);
      checkPattern(reader, pattern.right);
      return;
  }
}

/** The parts of `p ^ q ^ r`, parentheses seen through. */
function concatenated(pattern: Pattern): readonly Pattern[] {
  if (pattern.kind === 'paren') return concatenated(pattern.inner);
  if (pattern.kind !== 'concatenation') return [pattern];
  return [...concatenated(pattern.left), ...concatenated(pattern.right)];
}

function hasKnownLength(pattern: Pattern): boolean {
  switch (pattern.kind) {
    case 'sequence':
    case 'string':
      return true;
    case 'paren':
      return hasKnownLength(pattern.inner);
    case 'both':
      return hasKnownLength(pattern.left) || hasKnownLength(pattern.right);
    case 'concatenation':
      return hasKnownLength(pattern.left) && hasKnownLength(pattern.right);
    default:
      return false;
  }
}
