/** Patterns back to CSPM, with the parentheses that the grammar needs. */
import { PRECEDENCE } from '../precedence.ts';
import type { Pattern } from '../syntax.ts';
import { quotedChar, quotedString } from './literals.ts';

/**
 * The pattern as text.
 *
 * @example
 * const [first] = parse('(x,_) = pair', { file: 'p' }).script.declarations;
 * if (first?.kind === 'pattern') printPattern(first.pattern); // '(x, _)'
 */
export function printPattern(pattern: Pattern, minimum: number = PRECEDENCE.open): string {
  if (pattern.kind === 'paren') return printPattern(pattern.inner, minimum);
  const text = print(pattern);
  return levelOf(pattern) < minimum ? `(${text})` : text;
}

function levelOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'both':
      return PRECEDENCE.both;
    case 'dot':
      return PRECEDENCE.dot;
    case 'concatenation':
      return PRECEDENCE.concatenation;
    case 'number':
      return pattern.value < 0n ? PRECEDENCE.sum : PRECEDENCE.atom;
    default:
      return PRECEDENCE.atom;
  }
}

function print(pattern: Exclude<Pattern, { kind: 'paren' }>): string {
  switch (pattern.kind) {
    case 'name':
      return pattern.name.parts.join('::');
    case 'wildcard':
      return '_';
    case 'number':
    case 'boolean':
      return String(pattern.value);
    case 'char':
      return quotedChar(pattern.value);
    case 'string':
      return quotedString(pattern.value);
    case 'tuple':
      return `(${list(pattern.elements)})`;
    case 'sequence':
      return `${opened('<', list(pattern.elements))}>`;
    case 'set':
      return `${opened('{', list(pattern.elements))}}`;
    case 'concatenation': {
      const left = printPattern(pattern.left, PRECEDENCE.concatenation);
      return `${left} ^ ${printPattern(pattern.right, PRECEDENCE.concatenation + 1)}`;
    }
    case 'dot':
      return `${printPattern(pattern.left, PRECEDENCE.dot)}.${printPattern(pattern.right, PRECEDENCE.dot)}`;
    case 'both': {
      const left = printPattern(pattern.left, PRECEDENCE.both + 1);
      return `${left} @@ ${printPattern(pattern.right, PRECEDENCE.both + 1)}`;
    }
  }
}

function list(patterns: readonly Pattern[]): string {
  return patterns.map((pattern) => printPattern(pattern)).join(', ');
}

/** An opening bracket and what follows it, with a space where the two would be read as one token. */
export function opened(bracket: '<' | '{' | '[', text: string): string {
  const merges = bracket === '<' ? /^-/ : bracket === '{' ? /^[-|]/ : /^[|[>+\]]/;
  return merges.test(text) ? `${bracket} ${text}` : bracket + text;
}
