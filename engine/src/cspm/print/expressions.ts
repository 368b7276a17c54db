/**
 * Expressions back to CSPM. What is printed parses to the same tree, parentheses aside: those of the script are forgotten and those
 * that the grammar needs are put in, with a few more where the grammar would surprise a reader (`c.(x + 1)`).
 */
import { PRECEDENCE } from '../precedence.ts';
import type { BinaryOperator, Declaration, Expression, Field, ReplicatedOperator, Statement } from '../syntax.ts';
import { quotedChar, quotedString } from './literals.ts';
import { opened, printPattern } from './patterns.ts';

/** What surrounds an expression. */
interface Around {
  /** How tightly it must bind. */
  readonly minimum: number;
  /** Whether nothing follows that `if`, `let`, a lambda or a replicated operator at its right end would swallow. */
  readonly last: boolean;
  /** Whether the innermost bracket is `<`, so that `>` would close it. */
  readonly inSequence: boolean;
  /** Spaces before the lines of a `let`. */
  readonly indent: number;
  readonly printLines: PrintLines;
}

/** Prints the declarations of a `let`, each on lines of its own behind `indent` spaces. */
export type PrintLines = (declarations: readonly Declaration[], indent: number) => string;

export function printExpressionWith(printLines: PrintLines, expression: Expression, indent: number): string {
  return printIn(expression, { minimum: PRECEDENCE.open, last: true, inSequence: false, indent, printLines });
}

type Bare = Exclude<Expression, { kind: 'paren' }>;

function bare(expression: Expression): Bare {
  let inner = expression;
  while (inner.kind === 'paren') inner = inner.inner;
  return inner;
}

function printIn(expression: Expression, around: Around): string {
  const node = bare(expression);
  const parenthesized = isOpen(node)
    ? !around.last
    : levelOf(node) < around.minimum || (around.inSequence && node.kind === 'binary' && node.operator === '>');
  if (!parenthesized) return print(node, around);
  return `(${print(node, { ...around, minimum: PRECEDENCE.open, last: true, inSequence: false })})`;
}

/** Reaches as far to the right as it can. */
function isOpen(node: Bare): boolean {
  return node.kind === 'if' || node.kind === 'let' || node.kind === 'lambda' || node.kind === 'replicated';
}

const BINARY_LEVEL: Readonly<Record<BinaryOperator, number>> = {
  or: PRECEDENCE.or,
  and: PRECEDENCE.and,
  '==': PRECEDENCE.comparison,
  '!=': PRECEDENCE.comparison,
  '<': PRECEDENCE.comparison,
  '<=': PRECEDENCE.comparison,
  '>': PRECEDENCE.comparison,
  '>=': PRECEDENCE.comparison,
  '+': PRECEDENCE.sum,
  '-': PRECEDENCE.sum,
  '*': PRECEDENCE.product,
  '/': PRECEDENCE.product,
  '%': PRECEDENCE.product,
  '^': PRECEDENCE.concatenation,
};

function levelOf(node: Bare): number {
  switch (node.kind) {
    case 'binary':
      return BINARY_LEVEL[node.operator];
    case 'number':
      return node.value < 0n ? PRECEDENCE.sum : PRECEDENCE.atom;
    case 'negate':
      return PRECEDENCE.sum;
    case 'not':
    case 'length':
    case 'dot':
    case 'hide':
    case 'interleave':
    case 'internalChoice':
    case 'externalChoice':
    case 'interrupt':
    case 'slidingChoice':
    case 'sequential':
    case 'prefix':
      return PRECEDENCE[node.kind];
    case 'project':
      return PRECEDENCE.hide;
    case 'guard':
      return PRECEDENCE.prefix;
    case 'synchronizingChoice':
      return PRECEDENCE.externalChoice;
    case 'synchronizingInterrupt':
      return PRECEDENCE.interrupt;
    case 'generalizedParallel':
    case 'alphabetizedParallel':
    case 'linkParallel':
    case 'exception':
      return PRECEDENCE.parallel;
    case 'apply':
    case 'rename':
      return PRECEDENCE.postfix;
    default:
      return PRECEDENCE.atom;
  }
}

function print(node: Bare, around: Around): string {
  /** An operand with an operator after it. */
  const left = (e: Expression, minimum: number): string => printIn(e, { ...around, minimum, last: false });
  /** The operand at the right end. */
  const right = (e: Expression, minimum: number): string => printIn(e, { ...around, minimum });
  /** Up to the next keyword, nothing of which continues an expression. */
  const until = (e: Expression): string => printIn(e, { ...around, minimum: PRECEDENCE.open, last: true });
  const inside = (e: Expression, sequence = false): string =>
    printIn(e, { ...around, minimum: PRECEDENCE.open, last: true, inSequence: sequence });
  const list = (es: readonly Expression[], sequence = false): string => es.map((e) => inside(e, sequence)).join(', ');
  const statements = (all: readonly Statement[], sequence = false): string =>
    all.map((s) => printStatement(s, ' <- ', (e) => inside(e, sequence))).join(', ');
  const given = (all: readonly Statement[], sequence = false): string =>
    all.length === 0 ? '' : ` | ${statements(all, sequence)}`;
  const pairs = (all: readonly { from: Expression; to: Expression }[]): string =>
    all.map(({ from, to }) => `${inside(from)} <- ${inside(to)}`).join(', ');
  const links = (all: readonly { left: Expression; right: Expression }[]): string =>
    all.map((link) => `${inside(link.left)} <-> ${inside(link.right)}`).join(', ');
  const range = (low: Expression, high: Expression | undefined, sequence: boolean): string =>
    `${inside(low, sequence)}..${high === undefined ? '' : inside(high, sequence)}`;
  /** Left-associative. */
  const infix = (l: Expression, operator: string, r: Expression, level: number): string =>
    `${left(l, level)} ${operator} ${right(r, level + 1)}`;
  const apart = (l: Expression, operator: string, r: Expression, level: number): string =>
    `${left(l, level + 1)} ${operator} ${right(r, level + 1)}`;

  switch (node.kind) {
    case 'number':
    case 'boolean':
      return String(node.value);
    case 'char':
      return quotedChar(node.value);
    case 'string':
      return quotedString(node.value);
    case 'name':
      return node.name.parts.join('::');
    case 'apply': {
      const called = left(node.function, PRECEDENCE.postfix);
      return `${/[>}]$/.test(called) ? `(${called})` : called}(${list(node.arguments)})`;
    }
    case 'binary': {
      const level = BINARY_LEVEL[node.operator];
      return level === PRECEDENCE.comparison
        ? apart(node.left, node.operator, node.right, level)
        : infix(node.left, node.operator, node.right, level);
    }
    case 'negate': {
      const operand = right(node.operand, PRECEDENCE.product);
      return operand.startsWith('-') ? `- ${operand}` : `-${operand}`;
    }
    case 'not':
      return `not ${right(node.operand, PRECEDENCE.not)}`;
    case 'length':
      return `#${right(node.operand, PRECEDENCE.length)}`;
    case 'dot': {
      const rest = bare(node.right);
      const first = bare(node.left);
      const before = left(first, first.kind === 'dot' ? PRECEDENCE.dot : PRECEDENCE.postfix);
      return `${before}.${right(rest, rest.kind === 'dot' ? PRECEDENCE.dot : PRECEDENCE.postfix)}`;
    }
    case 'tuple':
      return `(${list(node.elements)})`;
    case 'set':
      return `${opened('{', list(node.elements))}}`;
    case 'sequence':
      return `${opened('<', list(node.elements, true))}>`;
    case 'setRange':
      return `${opened('{', range(node.low, node.high, false))}}`;
    case 'sequenceRange':
      return `${opened('<', range(node.low, node.high, true))}>`;
    case 'setComprehension':
      return `${opened('{', list(node.elements) + given(node.statements))}}`;
    case 'sequenceComprehension':
      return `${opened('<', list(node.elements, true) + given(node.statements, true))}>`;
    case 'setRangeComprehension':
      return `${opened('{', range(node.low, node.high, false) + given(node.statements))}}`;
    case 'sequenceRangeComprehension':
      return `${opened('<', range(node.low, node.high, true) + given(node.statements, true))}>`;
    case 'productions':
      return `{|${list(node.elements)}${given(node.statements)}|}`;
    case 'map':
      if (node.entries.length === 0) return '(| |)';
      return `(| ${node.entries.map(({ key, value }) => `${inside(key)} => ${inside(value)}`).join(', ')} |)`;
    case 'lambda':
      return `\\ ${node.parameters.map((p) => printPattern(p)).join(', ')} @ ${until(node.body)}`;
    case 'let': {
      const lines = around.printLines(node.declarations, around.indent + 2);
      const margin = ' '.repeat(around.indent);
      return `let\n${lines}${margin}within ${until(node.body)}`;
    }
    case 'if':
      return `if ${until(node.condition)} then ${until(node.consequent)} else ${until(node.alternative)}`;
    case 'prefix': {
      const fields = node.fields.map((field) => printField(field, left)).join('');
      const event = left(node.event, PRECEDENCE.field + 1);
      return `${event}${fields} -> ${right(node.process, PRECEDENCE.prefix)}`;
    }
    case 'guard':
      return `${left(node.condition, PRECEDENCE.prefix + 1)} & ${right(node.process, PRECEDENCE.prefix)}`;
    case 'externalChoice':
      return infix(node.left, '[]', node.right, PRECEDENCE.externalChoice);
    case 'internalChoice':
      return infix(node.left, '|~|', node.right, PRECEDENCE.internalChoice);
    case 'slidingChoice':
      return infix(node.left, '[>', node.right, PRECEDENCE.slidingChoice);
    case 'interrupt':
      return infix(node.left, '/\\', node.right, PRECEDENCE.interrupt);
    case 'sequential':
      return infix(node.left, ';', node.right, PRECEDENCE.sequential);
    case 'interleave':
      return infix(node.left, '|||', node.right, PRECEDENCE.interleave);
    case 'synchronizingChoice':
      return infix(node.left, `[+ ${inside(node.events)} +]`, node.right, PRECEDENCE.externalChoice);
    case 'synchronizingInterrupt':
      return infix(node.left, `/+ ${inside(node.events)} +\\`, node.right, PRECEDENCE.interrupt);
    case 'generalizedParallel':
      return apart(node.left, `[| ${inside(node.events)} |]`, node.right, PRECEDENCE.parallel);
    case 'exception':
      return apart(node.left, `[| ${inside(node.events)} |>`, node.right, PRECEDENCE.parallel);
    case 'alphabetizedParallel': {
      const alphabets = `${opened('[', inside(node.leftAlphabet))} || ${inside(node.rightAlphabet)}]`;
      return apart(node.left, alphabets, node.right, PRECEDENCE.parallel);
    }
    case 'linkParallel': {
      const between = `${opened('[', links(node.links) + given(node.statements))}]`;
      return apart(node.left, between, node.right, PRECEDENCE.parallel);
    }
    case 'hide':
    case 'project': {
      const operator = node.kind === 'hide' ? '\\' : '|\\';
      return `${left(node.process, PRECEDENCE.hide)} ${operator} ${right(node.events, PRECEDENCE.prefix)}`;
    }
    case 'rename':
      return `${left(node.process, PRECEDENCE.postfix)}[[${pairs(node.pairs)}${given(node.statements)}]]`;
    case 'replicated': {
      const over = node.statements.map((s) => printStatement(s, ':', (e) => until(e))).join(', ');
      const { head, alphabet, minimum } = replicatedParts(node.operator, inside, links, given);
      return `${head} ${over} @ ${alphabet}${right(node.body, minimum)}`;
    }
  }
}

function replicatedParts(
  operator: ReplicatedOperator,
  inside: (e: Expression) => string,
  links: (all: readonly { left: Expression; right: Expression }[]) => string,
  given: (all: readonly Statement[]) => string,
): { head: string; alphabet: string; minimum: number } {
  const plain = (head: string): { head: string; alphabet: string; minimum: number } => ({
    head,
    alphabet: '',
    minimum: PRECEDENCE.open,
  });
  switch (operator.of) {
    case 'externalChoice':
      return plain('[]');
    case 'internalChoice':
      return plain('|~|');
    case 'interleave':
      return plain('|||');
    case 'sequential':
      return plain(';');
    case 'generalizedParallel':
      return plain(`[| ${inside(operator.events)} |]`);
    case 'synchronizingChoice':
      return plain(`[+ ${inside(operator.events)} +]`);
    case 'linkParallel':
      return plain(`${opened('[', links(operator.links) + given(operator.statements))}]`);
    case 'alphabetizedParallel': {
      const alphabet = `${opened('[', inside(operator.alphabet))}] `;
      return { head: '||', alphabet, minimum: PRECEDENCE.parallel + 1 };
    }
  }
}

function printField(field: Field, operand: (e: Expression, minimum: number) => string): string {
  if (field.kind === 'output') return `!${operand(field.expression, PRECEDENCE.field + 1)}`;
  const sign = field.kind === 'input' ? '?' : '$';
  const pattern = printPattern(field.pattern, PRECEDENCE.field + 1);
  return `${sign}${pattern}${field.from === undefined ? '' : `:${operand(field.from, PRECEDENCE.fieldSet + 1)}`}`;
}

function printStatement(statement: Statement, drawn: ' <- ' | ':', operand: (e: Expression) => string): string {
  if (statement.kind === 'condition') return operand(statement.expression);
  const from = operand(statement.from);
  const sign = drawn === ':' && from.startsWith('[') ? ': ' : drawn;
  return printPattern(statement.pattern) + sign + from;
}
