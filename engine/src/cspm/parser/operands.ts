/** What an expression may start with: a name, a literal, a bracket, an operator before its operand, `if`, `let`, a lambda, a replicated operator. */
import { PRECEDENCE } from '../precedence.ts';
import type { Expression, QualifiedName } from '../syntax.ts';
import type { TokenKind } from '../tokens.ts';
import { parseExpressions, parseMap, parseProductions, parseSequence, parseSet } from './collections.ts';
import { refuseOperand } from './mistakes.ts';
import { toPattern, wildcard } from './patterns.ts';
import type { Place, Reader } from './reader.ts';
import { parseReplicated } from './replicated.ts';

export function parseOperand(reader: Reader): Expression {
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

export function parseQualifiedName(reader: Reader): QualifiedName {
  const first = reader.expect('name', 'a name');
  const parts = [first.text];
  while (reader.is('scope') && reader.peek().kind === 'name') {
    reader.next();
    parts.push(reader.next().text);
  }
  return { parts, span: reader.spanFrom(first) };
}

function parsePrefixOperator(reader: Reader, kind: 'negate' | 'not' | 'length', minimum: number): Expression {
  const start = reader.next();
  const operand = reader.expression(minimum);
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

function parseIf(reader: Reader): Expression {
  const start = reader.next();
  const condition = reader.expression();
  reader.expect('then', '`then` after the condition of `if`');
  const consequent = reader.expression();
  reader.expect('else', '`else`: an `if` of CSPM always has both branches');
  const alternative = reader.expression();
  return { kind: 'if', span: reader.spanFrom(start), condition, consequent, alternative };
}

const LET: Place = { closers: new Set<TokenKind>(['within']), inLet: true, inModule: false, inTimed: false };

function parseLet(reader: Reader): Expression {
  const start = reader.next();
  const declarations = reader.declarations(LET);
  reader.expect('within', `\`within\` after the declarations of \`let\` of ${start.line}:${start.column}`);
  const body = reader.expression();
  return { kind: 'let', span: reader.spanFrom(start), declarations, body };
}

function parseLambda(reader: Reader): Expression {
  const start = reader.next();
  const parameters = [toPattern(reader, reader.expression())];
  while (reader.take(',')) parameters.push(toPattern(reader, reader.expression()));
  reader.expect('@', '`@` after the parameters of a lambda');
  const body = reader.expression();
  return { kind: 'lambda', span: reader.spanFrom(start), parameters, body };
}
