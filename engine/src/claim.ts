/** From an assertion of a script to what is to be decided, or replayed, about its processes. */
import type { Assertion } from './cspm/index.ts';
import type { Claim } from './refine/index.ts';

/** The claim that `assertion` makes, or denies when it is negated. Throws `EvaluationFault`. */
export function claimOf(assertion: Assertion): Claim {
  const { model } = assertion;
  switch (assertion.form) {
    case 'refinement':
      return {
        check: 'refinement',
        model,
        specification: assertion.specification(),
        implementation: assertion.implementation(),
      };
    case 'property':
      return { check: assertion.property, model, process: assertion.process() };
    case 'has trace':
      return { check: 'has trace', model, process: assertion.process(), expected: assertion.trace() };
    default:
      return assertion satisfies never;
  }
}
