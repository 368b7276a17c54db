/** Random syntax trees, for tests: every node kind, every operator, in every position. */
import fc from 'fast-check';
import type { Span } from '../../csp/index.ts';
import type { BinaryOperator, Declaration, Expression, Pattern, TypeExpression } from '../syntax.ts';

const span: Span = { file: 'tree', line: 1, column: 1, endLine: 1, endColumn: 1 };
const word = fc.constantFrom('a', 'b', 'c', 'P', 'Q', 'R', "x'", 'channel_1', 'STOPS');
const qualified = fc.array(word, { minLength: 1, maxLength: 2 }).map((parts) => ({ parts, span }));
const identifier = word.map((name) => ({ name, span }));
const natural = fc.bigInt({ min: 0n, max: 10n ** 20n });
const character = fc.constantFrom('a', "'", '"', '\\', '\n', '\t', ' ', 'é', '😀');
const string = fc.array(character, { maxLength: 4 }).map((parts) => parts.join(''));

const BINARY: readonly BinaryOperator[] = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', 'and', 'or', '^'];

const trees = fc.letrec((tie) => {
  const e = tie('expression') as fc.Arbitrary<Expression>;
  const p = tie('pattern') as fc.Arbitrary<Pattern>;
  const local = tie('local') as fc.Arbitrary<Declaration>;
  const list = fc.array(e, { maxLength: 3 });
  const statements = fc.array(tie('statement'), { minLength: 1, maxLength: 2 });
  const perhapsStatements = fc.array(tie('statement'), { maxLength: 1 });
  const links = fc.array(fc.record({ span: fc.constant(span), left: e, right: e }), { minLength: 1, maxLength: 2 });
  const high = fc.option(e, { nil: undefined });
  const node = (shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Expression> =>
    fc.record({ span: fc.constant(span), ...shape }) as unknown as fc.Arbitrary<Expression>;
  const kind = <K extends string>(...kinds: K[]): fc.Arbitrary<K> => fc.constantFrom(...kinds);

  const atoms: fc.Arbitrary<Expression>[] = [
    node({ kind: kind('name'), name: qualified }),
    node({ kind: kind('number'), value: natural }),
    node({ kind: kind('boolean'), value: fc.boolean() }),
    node({ kind: kind('char'), value: character }),
    node({ kind: kind('string'), value: string }),
  ];
  // A dot on the left of a dot is written without parentheses and read to the right, so trees never have one.
  const dotless = fc.oneof(
    { maxDepth: 4 },
    ...atoms,
    node({ kind: kind('apply'), function: e, arguments: list }),
    node({ kind: kind('binary'), operator: fc.constantFrom(...BINARY), left: e, right: e }),
    node({ kind: kind('negate', 'not', 'length'), operand: e }),
    node({ kind: kind('tuple'), elements: fc.array(e, { minLength: 2, maxLength: 3 }) }),
    node({ kind: kind('paren'), inner: tie('dotless') }),
    node({ kind: kind('set', 'sequence'), elements: list }),
    node({ kind: kind('setRange', 'sequenceRange'), low: e, high }),
    node({ kind: kind('setComprehension', 'sequenceComprehension'), elements: list, statements }),
    node({ kind: kind('setRangeComprehension', 'sequenceRangeComprehension'), low: e, high, statements }),
    node({ kind: kind('productions'), elements: list, statements: perhapsStatements }),
    node({ kind: kind('map'), entries: fc.array(fc.record({ key: e, value: e }), { maxLength: 2 }) }),
    node({ kind: kind('lambda'), parameters: fc.array(p, { minLength: 1, maxLength: 2 }), body: e }),
    node({
      kind: kind('let'),
      declarations: fc.array(local, { maxLength: 2 }).filter(noClausesToGather),
      body: e,
    }),
    node({ kind: kind('if'), condition: e, consequent: e, alternative: e }),
    node({
      kind: kind('prefix'),
      event: node({ kind: kind('name'), name: qualified }),
      fields: fc.array(tie('field'), { maxLength: 2 }),
      process: e,
    }),
    node({ kind: kind('guard'), condition: e, process: e }),
    node({
      kind: kind('externalChoice', 'internalChoice', 'slidingChoice', 'interrupt', 'sequential', 'interleave'),
      left: e,
      right: e,
    }),
    node({
      kind: kind('exception', 'generalizedParallel', 'synchronizingChoice', 'synchronizingInterrupt'),
      left: e,
      events: e,
      right: e,
    }),
    node({ kind: kind('alphabetizedParallel'), left: e, leftAlphabet: e, rightAlphabet: e, right: e }),
    node({ kind: kind('linkParallel'), left: e, links, statements: perhapsStatements, right: e }),
    node({ kind: kind('hide', 'project'), process: e, events: e }),
    node({
      kind: kind('rename'),
      process: e,
      pairs: fc.array(fc.record({ span: fc.constant(span), from: e, to: e }), { minLength: 1, maxLength: 2 }),
      statements: perhapsStatements,
    }),
    node({
      kind: kind('replicated'),
      operator: fc.oneof(
        fc.record({ of: kind('externalChoice', 'internalChoice', 'interleave', 'sequential') }),
        fc.record({ of: kind('generalizedParallel', 'synchronizingChoice'), events: e }),
        fc.record({ of: kind('alphabetizedParallel'), alphabet: e }),
        fc.record({ of: kind('linkParallel'), links, statements: perhapsStatements }),
      ),
      statements,
      body: e,
    }),
  );
  const patternNode = (shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Pattern> =>
    fc.record({ span: fc.constant(span), ...shape }) as unknown as fc.Arbitrary<Pattern>;
  const dotlessPattern = fc.oneof(
    { maxDepth: 3 },
    patternNode({ kind: kind('name'), name: qualified }),
    patternNode({ kind: kind('wildcard') }),
    patternNode({ kind: kind('number'), value: fc.bigInt({ min: -99n, max: 99n }) }),
    patternNode({ kind: kind('boolean'), value: fc.boolean() }),
    patternNode({ kind: kind('char'), value: character }),
    patternNode({ kind: kind('string'), value: string }),
    patternNode({ kind: kind('tuple'), elements: fc.array(p, { minLength: 2, maxLength: 3 }) }),
    patternNode({ kind: kind('set'), elements: fc.array(p, { maxLength: 1 }) }),
    patternNode({ kind: kind('both'), left: p, right: p }),
    patternNode({ kind: kind('paren'), inner: tie('dotlessPattern') }),
    tie('sequencePattern'),
    patternNode({ kind: kind('concatenation'), left: tie('sequencePattern'), right: p }),
  );
  return {
    expression: fc.oneof(
      { maxDepth: 4 },
      { arbitrary: dotless, weight: 12 },
      { arbitrary: node({ kind: kind('dot'), left: tie('dotless'), right: e }), weight: 1 },
    ),
    dotless,
    pattern: fc.oneof(
      { arbitrary: dotlessPattern, weight: 6 },
      { arbitrary: patternNode({ kind: kind('dot'), left: tie('dotlessPattern'), right: p }), weight: 1 },
    ),
    dotlessPattern,
    sequencePattern: patternNode({ kind: kind('sequence'), elements: fc.array(p, { maxLength: 2 }) }),
    generator: fc.record({ kind: kind('generator'), span: fc.constant(span), pattern: p, from: e }),
    statement: fc.oneof(
      tie('generator'),
      fc.record({ kind: kind('condition'), span: fc.constant(span), expression: e }),
    ),
    field: fc.oneof(
      fc.record({ kind: kind('output'), span: fc.constant(span), expression: e }),
      fc.record({ kind: kind('input', 'nondeterministic'), span: fc.constant(span), pattern: p, from: high }),
    ),
    local: fc.oneof(
      fc.record({ kind: kind('pattern'), span: fc.constant(span), pattern: plainOr(p), body: e }),
      fc.record({
        kind: kind('function'),
        span: fc.constant(span),
        name: identifier,
        clauses: fc.array(
          fc.record({ span: fc.constant(span), parameters: fc.tuple(fc.array(p, { maxLength: 2 })), body: e }),
          {
            minLength: 1,
            maxLength: 1,
          },
        ),
      }),
      fc.record({ kind: kind('external', 'transparent'), span: fc.constant(span), names: fc.tuple(identifier) }),
    ) as fc.Arbitrary<Declaration>,
  };
});

const expression = trees.expression as fc.Arbitrary<Expression>;
const pattern = trees.pattern as fc.Arbitrary<Pattern>;
const local = trees.local as fc.Arbitrary<Declaration>;

/** Two functions of one name in a row would be read as two clauses of one function. */
function noClausesToGather([first, second]: readonly Declaration[]): boolean {
  return first?.kind !== 'function' || second?.kind !== 'function' || first.name.name !== second.name.name;
}

/** A pattern that may stand at the start of a line: a plain name, or one in a tuple. */
function plainOr(p: fc.Arbitrary<Pattern>): fc.Arbitrary<Pattern> {
  return fc.oneof(
    identifier.map(({ name }): Pattern => ({ kind: 'name', span, name: { parts: [name], span } })),
    fc.tuple(p, p).map((elements): Pattern => ({ kind: 'tuple', span, elements })),
  );
}

const type = fc.letrec<{ type: TypeExpression; dotless: TypeExpression }>((tie) => {
  const t = tie('type');
  const node = (shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<TypeExpression> =>
    fc.record({ span: fc.constant(span), ...shape }) as unknown as fc.Arbitrary<TypeExpression>;
  const dotless = fc.oneof(
    { maxDepth: 3 },
    node({ kind: fc.constant('name'), name: qualified }),
    node({ kind: fc.constantFrom('set', 'sequence'), of: t }),
    node({ kind: fc.constant('tuple'), elements: fc.array(t, { minLength: 2, maxLength: 3 }) }),
    node({ kind: fc.constant('map'), key: t, value: t }),
    node({ kind: fc.constant('function'), parameters: fc.array(t, { maxLength: 2 }), result: t }),
    node({ kind: fc.constantFrom('dotable', 'extendable'), from: t, to: t }),
  );
  return {
    type: fc.oneof(
      { arbitrary: dotless, weight: 6 },
      node({ kind: fc.constant('dot'), left: tie('dotless'), right: t }),
    ),
    dotless,
  };
}).type;

const annotation = fc
  .tuple(
    identifier,
    fc.array(fc.record({ class: fc.constantFrom('Eq', 'Ord', 'Set', 'Complete', 'Yieldable'), variable: identifier }), {
      maxLength: 2,
    }),
    type,
    local,
  )
  .map(([name, constraints, of]): Declaration => ({ kind: 'annotation', span, names: [name], constraints, type: of }));

const global = fc.oneof(
  local,
  fc.record({
    kind: fc.constant('channel'),
    span: fc.constant(span),
    names: fc.uniqueArray(identifier, { minLength: 1, maxLength: 2, selector: ({ name }) => name }),
    type: fc.option(expression, { nil: undefined }),
  }),
  fc.record({
    kind: fc.constantFrom('datatype', 'subtype'),
    span: fc.constant(span),
    name: identifier,
    constructors: fc.array(
      fc.record({ span: fc.constant(span), name: identifier, type: fc.option(expression, { nil: undefined }) }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({ kind: fc.constant('nametype'), span: fc.constant(span), name: identifier, type: expression }),
  fc.record({ kind: fc.constant('print'), span: fc.constant(span), text: fc.constant(''), expression }),
  fc.record({
    kind: fc.constant('instance'),
    span: fc.constant(span),
    name: identifier,
    module: qualified,
    arguments: fc.array(expression, { maxLength: 2 }),
  }),
  fc.record({
    kind: fc.constant('module'),
    span: fc.constant(span),
    name: identifier,
    parameters: fc.array(pattern, { maxLength: 2 }),
    hidden: fc.tuple(local),
    exported: fc.tuple(local),
  }),
  fc.record({
    kind: fc.constant('timed'),
    span: fc.constant(span),
    duration: fc.option(expression, { nil: undefined }),
    declarations: fc.tuple(local),
  }),
  fc.record({
    kind: fc.constant('assert'),
    span: fc.constant(span),
    text: fc.constant(''),
    negated: fc.boolean(),
    assertion: fc.oneof(
      fc.record({
        form: fc.constant('refinement'),
        model: fc.constantFrom('T', 'F', 'FD', 'R', 'RD', 'V', 'VD'),
        specification: expression,
        implementation: expression,
      }),
      fc.record({
        form: fc.constant('property'),
        property: fc.constantFrom('deadlock free', 'divergence free', 'deterministic'),
        model: fc.constantFrom(undefined, 'T', 'F', 'FD'),
        process: expression,
      }),
      fc.record({
        form: fc.constant('has trace'),
        model: fc.constantFrom(undefined, 'T', 'F'),
        process: expression,
        trace: expression,
      }),
    ),
    options: fc.constantFrom([], [{ option: 'partial order reduce', mode: 'fast' }]),
  }),
) as unknown as fc.Arbitrary<Declaration>;

export const arbitrary = { expression, pattern, type, annotation, declaration: global };
