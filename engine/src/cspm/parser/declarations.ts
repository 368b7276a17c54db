/**
 * Declarations, and lists of them. A list is where parsing recovers: an abandoned declaration is skipped up to the next one,
 * so the script holds all that could be read.
 */
import type {
  Clause,
  Constructor,
  Declaration,
  Expression,
  FunctionDeclaration,
  Identifier,
  InstanceDeclaration,
  ModuleDeclaration,
  Pattern,
  TimedSection,
} from '../syntax.ts';
import type { Token, TokenKind } from '../tokens.ts';
import { checkAnnotations } from './annotations.ts';
import { parseAssertion } from './assertions.ts';
import { gatherClauses } from './clauses.ts';
import { parseExpressions } from './collections.ts';
import { parseExpression } from './expressions.ts';
import { refuseTrailing } from './mistakes.ts';
import { parseQualifiedName } from './operands.ts';
import { toPattern } from './patterns.ts';
import { ABANDONED, type Place, type Reader } from './reader.ts';
import { keywordLike } from './spelling.ts';
import { parseTypeScheme } from './types.ts';

/** Reads declarations up to a closer of `place` or the end of the file. */
export function parseDeclarations(reader: Reader, place: Place): Declaration[] {
  reader.enter();
  const outside = reader.context();
  const declarations: Declaration[] = [];
  while (!reader.is('end') && !place.closers.has(reader.token.kind)) {
    const start = reader.token;
    const startAt = reader.at;
    reader.place = place;
    reader.newlineEnds = true;
    reader.inSequence = false;
    reader.barsEnd = false;
    reader.equalsEnds = false;
    reader.declarationColumn = start.column;
    const inside = reader.context();
    const patternsBefore = reader.patternOnly.size;
    try {
      if (reader.is('include')) {
        for (const declaration of reader.include()) declarations.push(declaration);
      } else {
        const declaration = parseDeclaration(reader);
        if (refuseLeftPatterns(reader, patternsBefore)) throw ABANDONED;
        checkPlace(reader, declaration, start, place);
        declarations.push(declaration);
      }
      if (!reader.token.afterNewline && !reader.is('end') && !place.closers.has(reader.token.kind)) {
        refuseTrailing(reader, 'the end of the declaration');
        throw ABANDONED;
      }
    } catch (thrown) {
      if (thrown !== ABANDONED) throw thrown;
      reader.restore(inside);
      reader.patternOnly.clear();
      if (reader.at === startAt) reader.next();
      skipToDeclaration(reader, place, start.column, outside.declarationColumn);
    }
  }
  reader.restore(outside);
  reader.leave();
  const gathered = gatherClauses(reader, declarations);
  checkAnnotations(reader, gathered);
  return gathered;
}

/** Reports `_` and `@@` that no pattern has claimed, those after the first `before`. */
function refuseLeftPatterns(reader: Reader, before: number): boolean {
  if (reader.patternOnly.size === before) return false;
  for (const node of [...reader.patternOnly].slice(before)) {
    const what = (node as { kind: string }).kind === 'both' ? '`@@`' : '`_`';
    reader.error('CSP-SYN-013', node.span, `${what} stands outside a pattern, where a value is expected`);
  }
  return true;
}

function skipToDeclaration(reader: Reader, place: Place, column: number, outerColumn: number): void {
  let lets = 0;
  for (; !reader.is('end'); reader.next()) {
    const { token } = reader;
    if (token.kind === 'let') lets++;
    else if (token.kind === 'within' && lets > 0) lets--;
    else if (place.closers.has(token.kind) && (token.afterNewline || token.kind === 'within')) return;
    if (!token.afterNewline) continue;
    if (place.inLet && token.column <= outerColumn && reader.declarationStarts()) throw ABANDONED;
    if (token.column <= column && (reader.declarationStarts() || isLikeDeclaration(reader))) return;
  }
}

/** Two names side by side start a line: `chanel c`, or `f x = 1`. */
function isLikeDeclaration(reader: Reader): boolean {
  const following = reader.peek();
  return reader.is('name') && following.kind === 'name' && !following.afterNewline;
}

function checkPlace(reader: Reader, declaration: Declaration, start: Token, place: Place): void {
  const { kind } = declaration;
  const allowedInLet =
    kind === 'function' ||
    kind === 'pattern' ||
    kind === 'annotation' ||
    kind === 'external' ||
    kind === 'transparent' ||
    kind === 'timed';
  let where: string | undefined;
  if (place.inLet && !allowedInLet) where = 'in `let`';
  else if (place.inModule && (kind === 'assert' || kind === 'print')) where = 'in a module';
  else if (place.inTimed && kind === 'print') where = 'in a Timed section';
  if (where !== undefined) {
    reader.error('CSP-SYN-015', declaration.span, `\`${start.text}\` may not be declared ${where}`);
  }
}

function parseDeclaration(reader: Reader): Declaration {
  const start = reader.token;
  switch (start.kind) {
    case 'channel': {
      reader.next();
      const names = parseNames(reader, 'the name of a channel');
      const type = reader.take(':') ? parseExpression(reader) : undefined;
      return { kind: 'channel', span: reader.spanFrom(start), names, type };
    }
    case 'datatype':
    case 'subtype': {
      reader.next();
      const name = parseName(reader, `the name of a ${start.kind}`);
      reader.expect('=', '`=` after the name of the type');
      const constructors = [parseConstructor(reader)];
      while (reader.take('|')) constructors.push(parseConstructor(reader));
      return { kind: start.kind, span: reader.spanFrom(start), name, constructors };
    }
    case 'nametype': {
      reader.next();
      const name = parseName(reader, 'the name of a nametype');
      reader.expect('=', '`=` after the name of the type');
      const type = parseExpression(reader);
      return { kind: 'nametype', span: reader.spanFrom(start), name, type };
    }
    case 'external':
    case 'transparent': {
      reader.next();
      const names = parseNames(reader, `the name of an ${start.kind} function`);
      return { kind: start.kind, span: reader.spanFrom(start), names };
    }
    case 'assert':
      return parseAssertion(reader);
    case 'print': {
      reader.next();
      const textAt = reader.at;
      const expression = parseExpression(reader);
      return { kind: 'print', span: reader.spanFrom(start), text: reader.textFrom(textAt), expression };
    }
    case 'module':
      return parseModule(reader);
    case 'instance':
      return parseInstance(reader);
    case 'Timed':
      return parseTimed(reader);
    default:
      return parseDefinition(reader);
  }
}

function parseName(reader: Reader, what: string): Identifier {
  const token = reader.expect('name', what);
  return { name: token.text, span: reader.spanOf(token) };
}

function parseNames(reader: Reader, what: string): Identifier[] {
  const names = [parseName(reader, what)];
  while (reader.take(',')) names.push(parseName(reader, what));
  return names;
}

function parseConstructor(reader: Reader): Constructor {
  const name = parseName(reader, 'the name of a constructor');
  const type = reader.take('.') ? parseExpression(reader) : undefined;
  return { span: reader.spanFrom(name.span), name, type };
}

function parseModule(reader: Reader): ModuleDeclaration {
  const start = reader.next();
  const name = parseName(reader, 'the name of a module');
  const parameters: Pattern[] = [];
  if (reader.is('(') && !reader.token.afterNewline) {
    const opening = reader.next();
    const read = reader.inside('other', () => parseExpressions(reader, ')'));
    reader.expectClose(')', opening);
    if (read.length === 0) refuseEmptyList(reader, opening, 'module');
    for (const parameter of read) parameters.push(toPattern(reader, parameter));
  }
  if (!reader.token.afterNewline) refuseTrailing(reader, 'a new line after the head of a module');
  const place = { closers: new Set<TokenKind>(['exports', 'endmodule']), inLet: false, inModule: true, inTimed: false };
  const hidden = parseDeclarations(reader, place);
  reader.expect('exports', '`exports` in the module');
  const exported = parseDeclarations(reader, { ...place, closers: new Set<TokenKind>(['endmodule']) });
  reader.expect('endmodule', `\`endmodule\` to end the module of ${start.line}:${start.column}`);
  return { kind: 'module', span: reader.spanFrom(start), name, parameters, hidden, exported };
}

function parseInstance(reader: Reader): InstanceDeclaration {
  const start = reader.next();
  const name = parseName(reader, 'the name of an instance');
  reader.expect('=', '`=` after the name of the instance');
  const module = parseQualifiedName(reader);
  let values: Expression[] = [];
  if (reader.is('(') && !reader.token.afterNewline) {
    const opening = reader.next();
    values = reader.inside('other', () => parseExpressions(reader, ')'));
    reader.expectClose(')', opening);
    if (values.length === 0) refuseEmptyList(reader, opening, 'instance');
  }
  return { kind: 'instance', span: reader.spanFrom(start), name, module, arguments: values };
}

function refuseEmptyList(reader: Reader, opening: Token, what: string): void {
  const span = reader.spanFrom(opening);
  reader.error('CSP-SYN-023', span, `the list in parentheses of this ${what} is empty`, {
    title: 'remove the parentheses',
    span,
    replacement: '',
  });
}

function parseTimed(reader: Reader): TimedSection {
  const start = reader.next();
  let duration: Expression | undefined;
  if (reader.is('(')) {
    const opening = reader.next();
    duration = reader.inside('other', () => parseExpression(reader));
    reader.expectClose(')', opening);
  }
  const opening = reader.expect('{', '`{` of a Timed section');
  const declarations = parseDeclarations(reader, {
    ...reader.place,
    closers: new Set<TokenKind>(['}']),
    inTimed: true,
  });
  reader.expectClose('}', opening);
  return { kind: 'timed', span: reader.spanFrom(start), duration, declarations };
}

/** `f(x) = e`, `p = e`, or `f, g :: T`. */
function parseDefinition(reader: Reader): Declaration {
  const start = reader.token;
  reader.equalsEnds = true;
  if (!canStartDefinition(start.kind)) {
    const hint = start.kind === 'name' ? '' : ' such as `P = STOP`';
    return reader.fail('CSP-SYN-006', reader.spanOf(start), `expected a declaration${hint}, found ${reader.found()}`);
  }
  const left = parseExpression(reader);
  reader.equalsEnds = false;
  if (reader.is('oftype') || (reader.is(',') && left.kind === 'name')) return parseAnnotation(reader, left, start);
  if (!reader.is('=')) return refuseDefinition(reader, start, left);
  if (left.kind === 'apply') {
    const { name, parameters } = functionHead(reader, left);
    reader.next();
    const body = parseExpression(reader);
    const span = reader.spanFrom(start);
    const clause: Clause = { span, parameters, body };
    return { kind: 'function', span, name, clauses: [clause] } satisfies FunctionDeclaration;
  }
  const pattern = toPattern(reader, left);
  if (pattern.kind === 'name' && pattern.name.parts.length > 1) {
    reader.error('CSP-SYN-006', pattern.span, 'a declaration binds a plain name; modules declare theirs inside');
  }
  reader.next();
  const body = parseExpression(reader);
  return { kind: 'pattern', span: reader.spanFrom(start), pattern, body };
}

function canStartDefinition(kind: TokenKind): boolean {
  switch (kind) {
    case 'name':
    case 'number':
    case 'string':
    case 'char':
    case 'true':
    case 'false':
    case '_':
    case '(':
    case '<':
    case '{':
    case '-':
      return true;
    default:
      return false;
  }
}

/** The name and the curried argument lists of `f(x,y)(z)`. */
function functionHead(reader: Reader, left: Expression): { name: Identifier; parameters: readonly Pattern[][] } {
  const lists: Pattern[][] = [];
  let head = left;
  while (head.kind === 'apply') {
    lists.unshift(head.arguments.map((argument) => toPattern(reader, argument)));
    head = head.function;
  }
  if (head.kind !== 'name' || head.name.parts.length !== 1) {
    return reader.fail('CSP-SYN-006', head.span, 'expected the plain name of a function before its arguments');
  }
  return { name: { name: head.name.parts[0]!, span: head.span }, parameters: lists };
}

function parseAnnotation(reader: Reader, first: Expression, start: Token): Declaration {
  if (first.kind !== 'name' || first.name.parts.length !== 1) {
    return reader.fail('CSP-SYN-006', first.span, 'expected the name that the type belongs to');
  }
  const names: Identifier[] = [{ name: first.name.parts[0]!, span: first.span }];
  while (reader.take(',')) names.push(parseName(reader, 'a name before `::`'));
  reader.expect('oftype', '`::` before the type of the names');
  const { constraints, type } = parseTypeScheme(reader);
  return { kind: 'annotation', span: reader.spanFrom(start), names, constraints, type };
}

function refuseDefinition(reader: Reader, start: Token, left: Expression): never {
  const { token } = reader;
  const span = reader.spanOf(token);
  if (start.kind === 'name' && start.text === 'include') {
    const lineEnd = { ...reader.spanOf(start) };
    return reader.fail('CSP-SYN-020', lineEnd, 'expected a file name in quotes after `include`');
  }
  if (reader.sawSteps) throw ABANDONED;
  if (start.text === 'in' && reader.place.inLet) {
    const word = reader.spanOf(start);
    return reader.fail('CSP-SYN-011', word, 'CSPM writes `within` for `in` after the declarations of `let`', {
      title: 'write `within`',
      span: word,
      replacement: 'within',
    });
  }
  const keyword = start.kind === 'name' && left.kind === 'name' ? keywordLike(start.text) : undefined;
  if (keyword !== undefined && token.kind === 'name' && !token.afterNewline) {
    const wordSpan = reader.spanOf(start);
    return reader.fail('CSP-SYN-006', wordSpan, `\`${start.text}\` is no keyword; did you mean \`${keyword}\`?`, {
      title: `write \`${keyword}\``,
      span: wordSpan,
      replacement: keyword,
    });
  }
  if (token.kind === ':' && reader.peek().kind === '=' && reader.peek().start === token.end) {
    const assign = { ...span, endColumn: reader.peek().endColumn };
    return reader.fail('CSP-SYN-005', assign, 'CSPM defines with `=`; nothing is assigned', {
      title: 'write `=`',
      span: assign,
      replacement: '=',
    });
  }
  refuseJuxtaposition(reader, left);
  if (!token.afterNewline && token.kind !== 'end') {
    refuseTrailing(reader, '`=` of a declaration');
    throw ABANDONED;
  }
  const after = reader.spanAfterPrevious();
  return reader.fail(
    'CSP-SYN-006',
    after,
    'expected `=` and the body of a declaration; an expression alone declares nothing',
  );
}

/** `f x y = e`, the application of other functional languages. */
function refuseJuxtaposition(reader: Reader, left: Expression): void {
  if (left.kind !== 'name') return;
  let count = 0;
  while (reader.peek(count).kind === 'name' && !reader.peek(count).afterNewline) count++;
  if (count === 0 || reader.peek(count).kind !== '=') return;
  const names = Array.from({ length: count }, (_, i) => reader.peek(i).text).join(', ');
  const last = reader.peek(count - 1);
  const span = { ...left.span, endLine: last.endLine, endColumn: last.endColumn };
  const meant = `${left.name.parts.join('::')}(${names})`;
  reader.fail('CSP-SYN-004', span, `the arguments of a function stand in parentheses: \`${meant}\``, {
    title: `write \`${meant}\``,
    span,
    replacement: meant,
  });
}
