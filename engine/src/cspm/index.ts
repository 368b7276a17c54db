export { type CodeMeaning, SYNTAX_CODES, type SyntaxCode } from './codes.ts';
export type { Diagnostic, Fix, Severity } from './diagnostic.ts';
export { type IncludeLoader, type Parsed, type ParseOptions, parse, parseExpression } from './parser.ts';
export { printDeclaration, printScript } from './print/declarations.ts';
export { printExpression } from './print/expressions.ts';
export { printPattern } from './print/patterns.ts';
export type * as Syntax from './syntax.ts';
