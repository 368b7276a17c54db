import { PRECEDENCE } from '../precedence.ts';
import type { Expression, Field } from '../syntax.ts';
import type { Token } from '../tokens.ts';
import { refuseProcessAsEvent } from './mistakes.ts';
import { toPattern } from './patterns.ts';
import type { Reader } from './reader.ts';

/** `e -> P` and `c?x!e$y:S -> P`. */
export function parsePrefix(reader: Reader, event: Expression, start: Token): Expression {
  const fields: Field[] = [];
  for (;;) {
    const token = reader.token;
    if (token.kind === '?' || token.kind === '$') {
      reader.next();
      const pattern = toPattern(reader, reader.expression(PRECEDENCE.field + 1));
      const from = reader.take(':') ? reader.expression(PRECEDENCE.fieldSet + 1) : undefined;
      const kind = token.kind === '?' ? 'input' : 'nondeterministic';
      fields.push({ kind, span: reader.spanFrom(token), pattern, from });
    } else if (token.kind === '!') {
      reader.next();
      const expression = reader.expression(PRECEDENCE.field + 1);
      fields.push({ kind: 'output', span: reader.spanFrom(token), expression });
    } else if (token.kind === '.' && fields.length > 0) {
      const span = reader.spanOf(token);
      reader.error('CSP-SYN-027', span, 'the set of a field ends here; the next field starts with `!` or `?`', {
        title: 'write `!`',
        span,
        replacement: '!',
      });
      reader.next();
      const expression = reader.expression(PRECEDENCE.field + 1);
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
  const process = reader.expression(PRECEDENCE.prefix);
  return { kind: 'prefix', span: reader.spanFrom(start), event, fields, process };
}
