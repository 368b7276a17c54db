/** Which expressions are evaluated at once although nothing has asked for them yet: those that cost next to nothing and cannot go wrong. */
import type { Expression } from '../syntax.ts';
import type { Scope } from './scope.ts';

export function withoutParens(expression: Expression): Expression {
  return expression.kind === 'paren' ? withoutParens(expression.inner) : expression;
}

/** Literals and names, and sums and tuples of them. */
export function isCheap(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'boolean':
    case 'char':
    case 'string':
    case 'name':
      return true;
    case 'paren':
      return isCheap(expression.inner);
    case 'negate':
      return isCheap(expression.operand);
    case 'binary':
      return (
        (expression.operator === '+' || expression.operator === '-') &&
        isCheap(expression.left) &&
        isCheap(expression.right)
      );
    case 'tuple':
      return expression.elements.every(isCheap);
    default:
      return false;
  }
}

/** The variables a cheap expression reads, as slots of the scope's unit; and whether it reads anything that is not a variable. */
export function variablesOf(expression: Expression, scope: Scope, slots: number[] = []): number[] {
  switch (expression.kind) {
    case 'name': {
      const binding = scope.find(expression.name.parts);
      if (binding?.kind === 'local') slots.push(scope.unit.reach(binding));
      break;
    }
    case 'paren':
      variablesOf(expression.inner, scope, slots);
      break;
    case 'negate':
      variablesOf(expression.operand, scope, slots);
      break;
    case 'binary':
      variablesOf(expression.left, scope, slots);
      variablesOf(expression.right, scope, slots);
      break;
    case 'tuple':
      for (const element of expression.elements) variablesOf(element, scope, slots);
      break;
  }
  return slots;
}
