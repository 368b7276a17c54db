import type { Type, TypeClass, Variable } from '../type.ts';

/** Why two types do not unify. Thrown inside the type checker only; its callers turn it into a diagnostic. */
export class Mismatch extends Error {
  readonly reason: MismatchReason;
  constructor(reason: MismatchReason) {
    super(reason.kind);
    this.name = 'Mismatch';
    this.reason = reason;
  }
}
type MismatchReason =
  | { readonly kind: 'different'; readonly expected: Type; readonly actual: Type }
  | { readonly kind: 'class'; readonly class: TypeClass; readonly type: Type }
  | { readonly kind: 'infinite'; readonly variable: Variable; readonly type: Type }
  | { readonly kind: 'too large' };
