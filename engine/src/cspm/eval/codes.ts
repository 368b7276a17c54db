/** Every code that evaluation can report: what it means, and what to do about it. A test holds this table equal to what is reported. */
import type { Span } from '../../csp/index.ts';
import { EvaluationFault } from '../assertion.ts';
import type { CodeMeaning } from '../codes.ts';
import type { Fix } from '../diagnostic.ts';

export const EVALUATION_CODES = {
  'CSP-EVL-001': { meaning: 'A name is not defined here.', remedy: 'Define it, or write the name that was meant.' },
  'CSP-EVL-002': {
    meaning: 'A value is outside the set that its channel or constructor declares for the field.',
    remedy: 'Use a value of that set, or declare the field with a larger one.',
  },
  'CSP-EVL-003': { meaning: 'No clause of a function matches its arguments.', remedy: 'Add a clause for them.' },
  'CSP-EVL-004': { meaning: 'A number is divided by zero.', remedy: 'Test the divisor first.' },
  'CSP-EVL-005': {
    meaning: 'A value is not of the kind that is needed: a set where a number should be.',
    remedy: 'Change the expression to the kind the message names.',
  },
  'CSP-EVL-006': {
    meaning: 'Evaluation takes more steps than the bound.',
    remedy: 'Check that the recursion ends, or raise `stepCountMax`.',
  },
  'CSP-EVL-007': {
    meaning: 'Calls are nested more deeply than the bound.',
    remedy: 'Check that the recursion ends, or put the call last, with what was found so far as an argument.',
  },
  'CSP-EVL-008': {
    meaning: 'All elements of a set or sequence are needed, and it is infinite or larger than the bound.',
    remedy: 'Use a smaller one, or give the fields of the channel smaller types.',
  },
  'CSP-EVL-009': {
    meaning: 'An event has too few fields, or an input has no field left to take.',
    remedy: 'Give each field of the channel once.',
  },
  'CSP-EVL-010': {
    meaning: 'A process must choose among none: an internal choice, `$` or a linked parallel over nothing.',
    remedy: 'Make sure that there is at least one alternative.',
  },
  'CSP-EVL-011': {
    meaning: 'A value does not fit the pattern it is bound to.',
    remedy: 'Change the pattern, or bind it by a function with a clause for each form.',
  },
  'CSP-EVL-012': { meaning: 'The script called `error`.', remedy: 'Read what it says.' },
  'CSP-EVL-013': {
    meaning: 'A construct is not supported.',
    remedy: 'Write it out by other operators, as the message says.',
  },
  'CSP-EVL-014': { meaning: 'The head or tail of the empty sequence.', remedy: 'Test for `null(s)` first.' },
  'CSP-EVL-015': {
    meaning: 'A value depends on itself.',
    remedy: 'Give the recursion a case that ends, or guard it by an event.',
  },
  'CSP-EVL-016': {
    meaning: 'A number is outside the range where arithmetic is exact.',
    remedy: 'Stay between -(2^53 - 1) and 2^53 - 1.',
  },
  'CSP-EVL-017': {
    meaning: 'A function or module is given a wrong number of arguments.',
    remedy: 'Give as many as it takes; `f(x)(y)` and `f(x,y)` differ.',
  },
  'CSP-EVL-018': { meaning: 'A map has no entry for a key.', remedy: 'Test with `mapMember` first.' },
  'CSP-EVL-019': {
    meaning: 'A type of dotted values leaves some combinations of its fields out.',
    remedy: 'Write it as a product, as in `{0..1}.Bool`.',
  },
  'CSP-EVL-020': {
    meaning: 'An event stands in two places of a link or buffer.',
    remedy: 'Use each event once.',
  },
  'CSP-EVL-021': {
    meaning: 'An argument of a function of the language is outside its range.',
    remedy: 'Use a value that the message allows.',
  },
  'CSP-EVL-022': {
    meaning: 'A pattern could match in several ways.',
    remedy: 'Use at most one part of unknown length in a sequence, and one element in a set.',
  },
  'CSP-EVL-023': { meaning: 'A name is declared twice.', remedy: 'Rename one of the two.' },
} as const satisfies Record<string, CodeMeaning>;

const CODES = {
  unknownName: 'CSP-EVL-001',
  outsideField: 'CSP-EVL-002',
  noClause: 'CSP-EVL-003',
  divisionByZero: 'CSP-EVL-004',
  wrongSort: 'CSP-EVL-005',
  steps: 'CSP-EVL-006',
  depth: 'CSP-EVL-007',
  setSize: 'CSP-EVL-008',
  incompleteEvent: 'CSP-EVL-009',
  emptyChoice: 'CSP-EVL-010',
  noMatch: 'CSP-EVL-011',
  scriptError: 'CSP-EVL-012',
  unsupported: 'CSP-EVL-013',
  emptySequence: 'CSP-EVL-014',
  dependsOnItself: 'CSP-EVL-015',
  numberSize: 'CSP-EVL-016',
  argumentCount: 'CSP-EVL-017',
  missingKey: 'CSP-EVL-018',
  notRectangular: 'CSP-EVL-019',
  ambiguousEvent: 'CSP-EVL-020',
  badArgument: 'CSP-EVL-021',
  invalidPattern: 'CSP-EVL-022',
  duplicateName: 'CSP-EVL-023',
} as const satisfies Record<string, keyof typeof EVALUATION_CODES>;

/** What went wrong, by a name for the code. */
export type Cause = keyof typeof CODES;

/** A fault to throw: evaluation cannot go on at `span`. */
export function fault(cause: Cause, span: Span, message: string, fix?: Fix): EvaluationFault {
  return new EvaluationFault({
    severity: 'error',
    code: CODES[cause],
    span,
    message,
    ...(fix === undefined ? {} : { fix }),
  });
}
