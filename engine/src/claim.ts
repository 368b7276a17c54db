/** From an assertion of a script to what is to be decided, or replayed, about its processes. */
import type { Span } from './csp/index.ts';
import { type Assertion, EvaluationFault, type SemanticModel } from './cspm/index.ts';
import type { Claim, Model } from './refine/index.ts';

/** The claim that `assertion` makes, or denies when it is negated. Throws `EvaluationFault`, also for a model that is not supported. */
export function claimOf(assertion: Assertion): Claim {
  const model = supported(assertion.model, assertion.span);
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

function supported(model: SemanticModel, span: Span): Model {
  if (model === 'T' || model === 'F' || model === 'FD') return model;
  throw new EvaluationFault({
    severity: 'error',
    code: 'CSP-CHK-001',
    span,
    message: `the model ${model} is not supported; the checker decides T, F and FD`,
  });
}
