/** The words of CSPM. A token's kind is its own spelling for operators, brackets and keywords. */

/** Longest first within a first character, so that the first match is the longest. */
// biome-ignore format: a table reads by rows
export const OPERATORS = [
  '[|', '[[', '[]', '[>', '[+', '[',
  ']]', ']',
  '|~|', '|||', '||', '|]', '|}', '|)', '|>', '|\\', '|',
  '(', ')', '{|', '{', '}',
  '<->', '<-', '<=', '<',
  '>=', '>',
  '->', '-',
  '==', '=>*', '=>', '=',
  '!=', '!',
  '/\\', '/+', '/',
  '+\\', '+]', '+',
  '@@', '@',
  '..', '.',
  '&', ',', '?', '$', ':', ';', '*', '%', '^', '#', '\\',
] as const;

/** Spellings other languages use; lexed so that the parser can say what CSPM writes instead. */
export const FOREIGN_OPERATORS = ['&&', '/='] as const;

export const KEYWORDS = [
  'and',
  'assert',
  'channel',
  'datatype',
  'else',
  'endmodule',
  'exports',
  'external',
  'false',
  'if',
  'instance',
  'let',
  'module',
  'nametype',
  'not',
  'or',
  'subtype',
  'then',
  'Timed',
  'transparent',
  'true',
  'within',
] as const;

export type TokenKind =
  | (typeof OPERATORS)[number]
  | (typeof FOREIGN_OPERATORS)[number]
  | (typeof KEYWORDS)[number]
  | 'name'
  | 'number'
  | 'string'
  | 'char'
  | '_'
  /** Opens a map. Not an operator by spelling: `(||| x:S @ P)` starts with the same characters. */
  | '(|'
  /** `::` between two parts of a name, without white space. */
  | 'scope'
  /** `::` before a type. */
  | 'oftype'
  /** `[T=` and its like; the text is the model. */
  | 'refines'
  /** `:[deadlock free [F]]`; the text is the property, `option` the inner brackets. */
  | 'property'
  /** `include` or `print` used as a word of the language; the text is the rest for include: the path. */
  | 'include'
  | 'print'
  /** After the last token. */
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; for strings and characters the value. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  /** First on its line, comments left out. */
  readonly afterNewline: boolean;
  /** Of a property: the word in its inner brackets. */
  readonly option?: string;
}
