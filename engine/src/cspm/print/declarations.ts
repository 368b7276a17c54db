/** Declarations and scripts back to CSPM: one declaration a line. */
import type {
  AssertDeclaration,
  AssertionOption,
  Constructor,
  Declaration,
  Expression,
  Identifier,
  Pattern,
  Script,
  TypeConstraint,
} from '../syntax.ts';
import { printExpressionWith } from './expressions.ts';
import { printPattern } from './patterns.ts';
import { printType } from './types.ts';

/** The script as text; included declarations are printed in place. */
export function printScript(script: Script): string {
  return printLines(script.declarations, 0);
}

/**
 * @example
 * printDeclaration(parse('channel c:{0,1}', { file: 'c' }).script.declarations[0]!); // 'channel c : {0, 1}'
 */
export function printDeclaration(declaration: Declaration, indent = 0): string {
  switch (declaration.kind) {
    case 'function':
      return declaration.clauses
        .map(({ parameters, body }) => {
          const head = declaration.name.name + parameters.map((list) => `(${patterns(list)})`).join('');
          return `${head} = ${printExpression(body, indent)}`;
        })
        .join(`\n${' '.repeat(indent)}`);
    case 'pattern':
      return `${printPattern(declaration.pattern)} = ${printExpression(declaration.body, indent)}`;
    case 'channel': {
      const type = declaration.type === undefined ? '' : ` : ${printExpression(declaration.type, indent)}`;
      return `channel ${names(declaration.names)}${type}`;
    }
    case 'datatype':
    case 'subtype': {
      const constructors = declaration.constructors.map((c) => printConstructor(c, indent)).join(' | ');
      return `${declaration.kind} ${declaration.name.name} = ${constructors}`;
    }
    case 'nametype':
      return `nametype ${declaration.name.name} = ${printExpression(declaration.type, indent)}`;
    case 'external':
    case 'transparent':
      return `${declaration.kind} ${names(declaration.names)}`;
    case 'annotation':
      return `${names(declaration.names)} :: ${constraints(declaration.constraints)}${printType(declaration.type)}`;
    case 'assert':
      return printAssertion(declaration, indent);
    case 'print':
      return `print ${printExpression(declaration.expression, indent)}`;
    case 'module': {
      const parameters = declaration.parameters.length === 0 ? '' : `(${patterns(declaration.parameters)})`;
      const margin = ' '.repeat(indent);
      const hidden = printLines(declaration.hidden, indent + 2);
      const exported = printLines(declaration.exported, indent + 2);
      return `module ${declaration.name.name}${parameters}\n${hidden}${margin}exports\n${exported}${margin}endmodule`;
    }
    case 'instance': {
      const values = declaration.arguments.map((e) => printExpression(e, indent)).join(', ');
      const list = declaration.arguments.length === 0 ? '' : `(${values})`;
      return `instance ${declaration.name.name} = ${declaration.module.parts.join('::')}${list}`;
    }
    case 'timed': {
      const duration = declaration.duration === undefined ? '' : ` (${printExpression(declaration.duration, indent)})`;
      return `Timed${duration} {\n${printLines(declaration.declarations, indent + 2)}${' '.repeat(indent)}}`;
    }
  }
}

/**
 * The expression as text; the lines of a `let` stand behind `indent` spaces.
 *
 * @example
 * printExpression(parseExpression('(a->(P))', { file: 'e' }).expression!); // 'a -> P'
 */
export function printExpression(expression: Expression, indent = 0): string {
  return printExpressionWith(printLines, expression, indent);
}

/** The declarations of a list, each on lines of its own behind `indent` spaces. */
function printLines(declarations: readonly Declaration[], indent: number): string {
  const margin = ' '.repeat(indent);
  return declarations.map((declaration) => `${margin}${printDeclaration(declaration, indent)}\n`).join('');
}

function names(identifiers: readonly Identifier[]): string {
  return identifiers.map(({ name }) => name).join(', ');
}

function patterns(list: readonly Pattern[]): string {
  return list.map((pattern) => printPattern(pattern)).join(', ');
}

function printConstructor({ name, type }: Constructor, indent: number): string {
  return type === undefined ? name.name : `${name.name}.${printExpression(type, indent)}`;
}

function constraints(all: readonly TypeConstraint[]): string {
  if (all.length === 0) return '';
  const list = all.map((constraint) => `${constraint.class} ${constraint.variable.name}`).join(', ');
  return all.length === 1 ? `${list} => ` : `(${list}) => `;
}

function printAssertion({ negated, assertion, options }: AssertDeclaration, indent: number): string {
  const first = assertion.form === 'refinement' ? assertion.specification : assertion.process;
  const printed = printExpression(first, indent);
  // `assert not` negates the assertion, so a process expression may not start with `not`.
  const subject = printed.startsWith('not ') ? `(${printed})` : printed;
  const model = assertion.model === undefined ? '' : ` [${assertion.model}]`;
  let claim: string;
  switch (assertion.form) {
    case 'refinement':
      claim = `${subject} [${assertion.model}= ${printExpression(assertion.implementation, indent)}`;
      break;
    case 'property':
      claim = `${subject} :[${assertion.property}${model}]`;
      break;
    case 'has trace':
      claim = `${subject} :[has trace${model}]: ${printExpression(assertion.trace, indent)}`;
      break;
  }
  return `assert ${negated ? 'not ' : ''}${claim}${options.map((option) => printOption(option, indent)).join('')}`;
}

function printOption(option: AssertionOption, indent: number): string {
  if (option.option === 'tau priority') return ` :[tau priority over]: ${printExpression(option.events, indent)}`;
  return ` :[partial order reduce${option.mode === undefined ? '' : ` [${option.mode}]`}]`;
}
