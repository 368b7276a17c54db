import type { Expression, RenamingPair } from '../syntax.ts';
import type { Token } from '../tokens.ts';
import type { Reader } from './reader.ts';
import { parseOptionalStatements } from './statements.ts';

/** `P [[old <- new | statements]]`; the token to be read is `[[`. */
export function parseRenaming(reader: Reader, left: Expression, start: Token): Expression {
  const opening = reader.next();
  return reader.inside('other', () => {
    const pairs: RenamingPair[] = [];
    if (reader.is(']]')) {
      const span = reader.spanFrom(opening);
      reader.warn('CSP-SYN-031', span, 'this renaming has no pairs and changes nothing');
    } else {
      do {
        const from = reader.expression();
        reader.expect('<-', '`<-` of a renaming `old <- new`');
        const to = reader.expression();
        pairs.push({ span: reader.spanFrom(from.span), from, to });
      } while (reader.take(','));
    }
    const statements = parseOptionalStatements(reader) ?? [];
    reader.expectClose(']]', opening);
    return { kind: 'rename', span: reader.spanFrom(start), process: left, pairs, statements };
  });
}
