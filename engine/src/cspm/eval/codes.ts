/** What can go wrong while a script is evaluated: one row a code. */
import type { Span } from '../../csp/index.ts';
import { EvaluationFault } from '../assertion.ts';
import type { Fix } from '../diagnostic.ts';

export const EVALUATION_CODES = {
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
} as const;

export type EvaluationCode = keyof typeof EVALUATION_CODES;

/** A fault to throw: evaluation cannot go on at `span`. */
export function fault(code: EvaluationCode, span: Span, message: string, fix?: Fix): EvaluationFault {
  return new EvaluationFault({
    severity: 'error',
    code: EVALUATION_CODES[code],
    span,
    message,
    ...(fix === undefined ? {} : { fix }),
  });
}
