/**
 * Every code the lexer and the parser can report: what it means, and what to do about it.
 * The documentation prints this table; a test holds it equal to what is reported.
 */
export interface CodeMeaning {
  readonly meaning: string;
  readonly remedy: string;
}

export const SYNTAX_CODES = {
  'CSP-LEX-001': { meaning: 'A character that CSPM does not know.', remedy: 'Remove it, or write the ASCII operator.' },
  'CSP-LEX-002': { meaning: 'A string is not closed on its line.', remedy: 'Close it with `"`.' },
  'CSP-LEX-003': {
    meaning: "A character literal is not one character between two `'`.",
    remedy: "Write `'c'`, or a string.",
  },
  'CSP-LEX-004': {
    meaning: 'A comment `{-` is not closed.',
    remedy: 'Close it with `-}`. A set that starts with a negative number needs a space: `{ -1}`.',
  },
  'CSP-LEX-005': { meaning: '`\\\\` stands for hiding.', remedy: 'Write a single `\\`.' },
  'CSP-LEX-006': { meaning: 'A name starts with `_`.', remedy: 'Start it with a letter; other tools refuse it.' },
  'CSP-LEX-007': { meaning: 'The script is longer than the limit.', remedy: 'Split it, or raise `charactersMax`.' },
  'CSP-LEX-008': {
    meaning: 'A property in `:[ ]` is unknown or not closed.',
    remedy: 'Write `:[deadlock free [F]]`, `:[divergence free]`, `:[deterministic]` or `:[has trace]: <a, b>`.',
  },
  'CSP-LEX-009': { meaning: 'A number has more digits than the limit.', remedy: 'Use a smaller number.' },
  'CSP-SYN-001': { meaning: 'An expression was expected.', remedy: 'Complete the operator or bracket before it.' },
  'CSP-SYN-002': { meaning: 'A bracket is not closed.', remedy: 'Close it where the message says.' },
  'CSP-SYN-003': { meaning: 'A closing bracket closes nothing.', remedy: 'Remove it, or open its partner.' },
  'CSP-SYN-004': {
    meaning: 'Two expressions stand side by side.',
    remedy: 'Write the operator between them, or start the second declaration on its own line.',
  },
  'CSP-SYN-005': { meaning: 'A particular token was expected.', remedy: 'Write what the message names.' },
  'CSP-SYN-006': { meaning: 'A declaration was expected.', remedy: 'Write `NAME = expression`, or remove the text.' },
  'CSP-SYN-007': { meaning: 'A declaration has no body.', remedy: 'Write an expression after `=`.' },
  'CSP-SYN-008': { meaning: '`=` stands where two values are compared.', remedy: 'Write `==`.' },
  'CSP-SYN-009': {
    meaning: 'A process stands left of `->`.',
    remedy: 'Put an event there, or compose processes with `;`.',
  },
  'CSP-SYN-010': {
    meaning: 'Step notation (`RECEIVE`, `SEND`) stands inside CSPM.',
    remedy: 'Write `channel?x` for RECEIVE and `channel!x` for SEND.',
  },
  'CSP-SYN-011': {
    meaning: 'An operator of another language.',
    remedy: 'Use the CSPM operator that the message names.',
  },
  'CSP-SYN-012': {
    meaning: 'A pattern was expected.',
    remedy: 'Use names, literals, tuples, dots, `<..>`, `^`, `{x}`.',
  },
  'CSP-SYN-013': { meaning: '`_` or `@@` stands outside a pattern.', remedy: 'Name the value.' },
  'CSP-SYN-014': {
    meaning: 'The clauses of one function take different numbers of arguments.',
    remedy: 'Give every clause the same argument lists.',
  },
  'CSP-SYN-015': {
    meaning: 'A declaration is not allowed at this place.',
    remedy:
      'Move it: only functions, patterns, annotations, external and transparent stand in `let`; assert and print stand at the top.',
  },
  'CSP-SYN-016': {
    meaning: 'A name is annotated with a type twice, or annotated but not declared there.',
    remedy: 'Keep one annotation beside the declaration.',
  },
  'CSP-SYN-017': {
    meaning: 'Brackets are nested too deep.',
    remedy: 'Name parts of the expression, or raise `depthMax`.',
  },
  'CSP-SYN-018': { meaning: 'Comparisons do not chain.', remedy: 'Write `a < b and b < c`.' },
  'CSP-SYN-019': {
    meaning: 'Parallel operators that do not associate stand side by side.',
    remedy: 'Add parentheses; it was read from the left.',
  },
  'CSP-SYN-020': { meaning: '`include` needs a quoted file name.', remedy: 'Write `include "file.csp"`.' },
  'CSP-SYN-021': { meaning: 'An included file was not found.', remedy: 'Check the path; it is relative to this file.' },
  'CSP-SYN-022': { meaning: 'A file includes itself.', remedy: 'Remove one of the includes in the cycle.' },
  'CSP-SYN-023': {
    meaning: 'A list in parentheses is empty where one is not allowed.',
    remedy: 'Leave the parentheses out, or write an argument.',
  },
  'CSP-SYN-024': {
    meaning: 'A type expression was expected.',
    remedy: 'Write a type such as `Int`, `{Int}`, `(a, b) -> Bool`.',
  },
  'CSP-SYN-025': { meaning: 'An option of an assertion is given twice or unknown.', remedy: 'Give each option once.' },
  'CSP-SYN-026': {
    meaning: 'Too many errors.',
    remedy: 'Repair the first ones; the rest follow from them or come next.',
  },
  'CSP-SYN-027': {
    meaning: 'A field of a prefix is followed by `.`, or fields by no `->`.',
    remedy: 'Write `!` for the next field, and `-> P` after the last.',
  },
  'CSP-SYN-028': {
    meaning: 'The words of a step list cannot be read.',
    remedy: 'Write `RECEIVE channel -> SEND channel -> STOP`.',
  },
  'CSP-SYN-029': {
    meaning: 'A step list was translated; the note says how it was read.',
    remedy: 'Nothing. Keep the CSPM to be exact.',
  },
  'CSP-SYN-030': {
    meaning: 'A pattern can match in several ways.',
    remedy: 'Leave one part of unknown length in `p ^ q`, one element in `{p}`.',
  },
  'CSP-SYN-031': { meaning: 'A renaming has no pairs.', remedy: 'Remove `[[ ]]`, or write `old <- new` in it.' },
} as const satisfies Record<string, CodeMeaning>;

export type SyntaxCode = keyof typeof SYNTAX_CODES;
