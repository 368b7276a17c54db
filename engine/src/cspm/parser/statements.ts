/** Statements, which say what a comprehension, a replicated operator or a renaming ranges over: `p <- S`, `p : S` and conditions. */
import type { Statement } from '../syntax.ts';
import { toPattern } from './patterns.ts';
import type { Reader } from './reader.ts';

export function parseStatements(reader: Reader): Statement[] {
  const statements = [parseStatement(reader)];
  while (reader.take(',')) statements.push(parseStatement(reader));
  return statements;
}

/** Statements behind `|`, if there are any. */
export function parseOptionalStatements(reader: Reader): Statement[] | undefined {
  return reader.take('|') ? parseStatements(reader) : undefined;
}

/** Reads `p <- S`, `p : S` or a condition. */
function parseStatement(reader: Reader): Statement {
  const start = reader.token;
  const expression = reader.expression();
  if (!reader.is('<-') && !reader.is(':')) return { kind: 'condition', span: expression.span, expression };
  const pattern = toPattern(reader, expression);
  reader.next();
  const from = reader.expression();
  return { kind: 'generator', span: reader.spanFrom(start), pattern, from };
}
