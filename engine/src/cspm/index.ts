export type { Diagnostic, Fix, Severity } from './diagnostic.ts';
export type * as Syntax from './syntax.ts';
