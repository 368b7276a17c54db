/** `assert P [FD= Q`, `assert not P :[deadlock free [F]]`, and their options. */
import type { AssertDeclaration, AssertedProperty, AssertionForm, AssertionOption, SemanticModel } from '../syntax.ts';
import type { Token } from '../tokens.ts';
import { parseExpression } from './expressions.ts';
import { ABANDONED, type Reader } from './reader.ts';

const PROPERTIES: ReadonlyMap<string, AssertedProperty> = new Map<string, AssertedProperty>([
  ['deadlock free', 'deadlock free'],
  ['divergence free', 'divergence free'],
  ['livelock free', 'divergence free'],
  ['deterministic', 'deterministic'],
]);
const MODELS: ReadonlySet<string> = new Set<SemanticModel>(['T', 'F', 'FD', 'R', 'RD', 'V', 'VD']);
const MODES: ReadonlySet<string> = new Set(['precise', 'hybrid', 'fast']);

export function parseAssertion(reader: Reader): AssertDeclaration {
  const start = reader.next();
  const textAt = reader.at;
  const negated = reader.take('not');
  const assertion = parseForm(reader);
  const options = parseOptions(reader);
  const text = reader.textFrom(textAt);
  return { kind: 'assert', span: reader.spanFrom(start), text, negated, assertion, options };
}

function parseForm(reader: Reader): AssertionForm {
  const left = parseExpression(reader);
  const token = reader.token;
  if (token.kind === 'refines') {
    reader.next();
    const implementation = parseExpression(reader);
    return { form: 'refinement', model: token.text as SemanticModel, specification: left, implementation };
  }
  if (token.kind !== 'property') {
    return reader.fail(
      'CSP-SYN-005',
      reader.spanOf(token),
      `expected \`[T=\`, \`[F=\`, \`[FD=\` or a property such as \`:[deadlock free]\`, found ${reader.found()}`,
    );
  }
  const name = propertyName(token);
  if (name === 'has trace') {
    reader.next();
    return { form: 'has trace', model: modelOf(reader, token), process: left, trace: parseExpression(reader) };
  }
  const property = PROPERTIES.get(name);
  if (property === undefined) return refuseProperty(reader, token);
  reader.next();
  return { form: 'property', property, model: modelOf(reader, token), process: left };
}

function parseOptions(reader: Reader): AssertionOption[] {
  const options: AssertionOption[] = [];
  while (reader.is('property')) {
    const token = reader.token;
    const name = propertyName(token);
    if (name === 'tau priority' || name === 'tau priority over') {
      reader.next();
      options.push({ option: 'tau priority', events: parseExpression(reader) });
    } else if (name === 'partial order reduce') {
      reader.next();
      if (token.option !== undefined && !MODES.has(token.option)) {
        reader.error(
          'CSP-SYN-025',
          reader.spanOf(token),
          `expected [precise], [hybrid] or [fast], found [${token.option}]`,
        );
      }
      options.push({ option: 'partial order reduce', mode: token.option as 'precise' | 'hybrid' | 'fast' | undefined });
    } else {
      return refuseProperty(reader, token);
    }
    const last = options.at(-1)!;
    if (options.some((option) => option !== last && option.option === last.option)) {
      reader.error('CSP-SYN-025', reader.spanOf(token), `the option \`${last.option}\` is given twice`);
    }
  }
  return options;
}

function propertyName(token: Token): string {
  return token.text.toLowerCase().replaceAll(/[\s-]+/g, ' ');
}

function modelOf(reader: Reader, token: Token): SemanticModel | undefined {
  if (token.option === undefined) return undefined;
  if (MODELS.has(token.option)) return token.option as SemanticModel;
  reader.error(
    'CSP-LEX-008',
    reader.spanOf(token),
    `\`[${token.option}]\` is no semantic model; they are ${[...MODELS].join(', ')}`,
  );
  return undefined;
}

function refuseProperty(reader: Reader, token: Token): never {
  const known = 'deadlock free, divergence free, deterministic, has trace; tau priority over, partial order reduce';
  if (token.text === '') throw ABANDONED;
  return reader.fail(
    'CSP-LEX-008',
    reader.spanOf(token),
    `no property is called \`${token.text}\`; there are ${known}`,
  );
}
