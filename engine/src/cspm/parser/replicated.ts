import { PRECEDENCE } from '../precedence.ts';
import type { Expression, Statement } from '../syntax.ts';
import { parseLinks } from './parallel.ts';
import type { Reader } from './reader.ts';
import { parseStatements } from './statements.ts';

/** `[] x:S @ P`, and the same for every operator that has a replicated form. */
export function parseReplicated(reader: Reader): Expression {
  const start = reader.next();
  const finish = (
    operator: Extract<Expression, { kind: 'replicated' }>['operator'],
    statements: readonly Statement[],
    minimum: number = PRECEDENCE.open,
  ): Expression => {
    const body = reader.expression(minimum);
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
      const alphabet = reader.inside('other', () => reader.expression());
      reader.expectClose(']', opening);
      return finish({ of: 'alphabetizedParallel', alphabet }, statements, PRECEDENCE.parallel + 1);
    }
    case '[|': {
      const events = reader.inside('other', () => reader.expression());
      reader.expectClose('|]', start);
      return finish({ of: 'generalizedParallel', events }, range());
    }
    case '[+': {
      const events = reader.inside('other', () => reader.expression());
      reader.expectClose('+]', start);
      return finish({ of: 'synchronizingChoice', events }, range());
    }
    default: {
      const { links, statements } = reader.inside('other', () => parseLinks(reader, reader.expression()));
      reader.expectClose(']', start);
      return finish({ of: 'linkParallel', links, statements }, range());
    }
  }
}
