/** Types of patterns: their variables have types already, labels have those of their channels and constructors. */
import type { Pattern } from '../../syntax.ts';
import { ANYTHING, BOOL, CHAR, dotsOf, INT, STRING, sequenceOf, setOf, type Type, tupleOf } from '../type.ts';
import type { Inference } from './inference.ts';

export function inferPattern(pattern: Pattern, inference: Inference): Type {
  inference.enter(pattern.span, 'This pattern is nested too deep to be checked.');
  const type = inferPatternByKind(pattern, inference);
  inference.leave();
  return type;
}

function inferPatternByKind(pattern: Pattern, inference: Inference): Type {
  switch (pattern.kind) {
    case 'name': {
      const bound = inference.resolution.bindings.get(pattern);
      return bound === undefined || bound.poisoned ? ANYTHING : (bound.type ?? ANYTHING);
    }
    case 'wildcard':
      return inference.variables.fresh();
    case 'number':
      return INT;
    case 'boolean':
      return BOOL;
    case 'char':
      return CHAR;
    case 'string':
      return STRING;
    case 'paren':
      return inferPattern(pattern.inner, inference);
    case 'tuple':
      return tupleOf(pattern.elements.map((element) => inferPattern(element, inference)));
    case 'sequence':
      return sequenceOf(samePatterns(pattern.elements, inference));
    case 'set': {
      const of = samePatterns(pattern.elements, inference);
      // Matching asks which member is which, and processes cannot be told apart.
      inference.require(pattern.span, 'Eq', of, 'a set in a pattern');
      return setOf(of);
    }
    case 'concatenation': {
      let type: Type = sequenceOf(inference.variables.fresh());
      for (const part of partsOfPattern(pattern, 'concatenation')) type = expectPattern(part, type, inference);
      return type;
    }
    case 'both':
      return expectPattern(pattern.right, inferPattern(pattern.left, inference), inference);
    case 'dot':
      return dotsOf(partsOfPattern(pattern, 'dot').map((part) => inferPattern(part, inference)));
  }
}

function expectPattern(pattern: Pattern, expected: Type, inference: Inference): Type {
  return inference.expect(pattern.span, expected, inferPattern(pattern, inference), 'this pattern');
}

function samePatterns(patterns: readonly Pattern[], inference: Inference): Type {
  if (patterns.length === 0) return inference.variables.fresh();
  const type = inferPattern(patterns[0]!, inference);
  for (const pattern of patterns.slice(1)) expectPattern(pattern, type, inference);
  return type;
}

function partsOfPattern(pattern: Pattern, kind: 'dot' | 'concatenation'): Pattern[] {
  const parts: Pattern[] = [];
  const pending: Pattern[] = [pattern];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part.kind === kind) pending.push(part.right, part.left);
    else parts.push(part);
  }
  return parts;
}
