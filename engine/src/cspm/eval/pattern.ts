/** Patterns compiled to matchers: a matcher says whether a value fits and puts the parts it names into the frame. */
import type { Pattern } from '../syntax.ts';
import { fault } from './codes.ts';
import type { Constructor } from './constructor.ts';
import type { Frame, Scope } from './scope.ts';
import { UNKNOWN } from './shape.ts';
import type { Stream } from './stream.ts';
import { elementsOf, uncons } from './stream.ts';
import { force } from './thunk.ts';
import type { Sequence, Slot, Value } from './value.ts';
import type { Values } from './values.ts';

export type Matcher = (slot: Slot, frame: Frame) => boolean;

/** The constructor or channel that a name in a pattern stands for. */
export function constructorOf(pattern: Pattern, scope: Scope): Constructor | undefined {
  if (pattern.kind === 'paren') return constructorOf(pattern.inner, scope);
  if (pattern.kind !== 'name') return undefined;
  const binding = scope.find(pattern.name.parts);
  return binding?.kind === 'global' ? binding.constructorOf : undefined;
}

/** Compiles `pattern`; the names it binds are declared in `scope`. */
export function compilePattern(values: Values, pattern: Pattern, scope: Scope): Matcher {
  switch (pattern.kind) {
    case 'name': {
      const head = constructorOf(pattern, scope);
      if (head !== undefined) return (slot) => isBare(force(slot), head);
      if (pattern.name.parts.length > 1) {
        throw fault(
          'unknownName',
          pattern.span,
          `${pattern.name.parts.join('::')} is no constructor or channel, so it cannot stand in a pattern.`,
        );
      }
      const { slot: at } = scope.declare(pattern.name.parts[0]!, UNKNOWN);
      return (slot, frame) => {
        frame[at] = slot;
        return true;
      };
    }
    case 'wildcard':
      return () => true;
    case 'number': {
      const expected = Number(pattern.value);
      return (slot) => force(slot) === expected;
    }
    case 'boolean':
      return (slot) => force(slot) === pattern.value;
    case 'char': {
      const expected = values.char(pattern.value);
      return (slot) => force(slot) === expected;
    }
    case 'string': {
      const parts = Array.from(pattern.value, (text): Matcher => {
        const expected = values.char(text);
        return (slot) => force(slot) === expected;
      });
      return sequenceMatcher(values, pattern, parts, undefined, []);
    }
    case 'tuple': {
      const parts = pattern.elements.map((p) => compilePattern(values, p, scope));
      return (slot, frame) => {
        const value = force(slot);
        if (typeof value !== 'object' || value.kind !== 'tuple' || value.items.length !== parts.length) return false;
        return parts.every((match, i) => match(value.items[i]!, frame));
      };
    }
    case 'sequence':
    case 'concatenation': {
      const { starts, middle, ends } = partsOfSequence(pattern);
      const compiled = starts.map((p) => compilePattern(values, p, scope));
      const rest = middle === undefined ? undefined : compilePattern(values, middle, scope);
      return sequenceMatcher(
        values,
        pattern,
        compiled,
        rest,
        ends.map((p) => compilePattern(values, p, scope)),
      );
    }
    case 'set': {
      if (pattern.elements.length > 1) {
        throw fault(
          'invalidPattern',
          pattern.span,
          'A set pattern may have at most one element, since sets have no order.',
        );
      }
      const [element] = pattern.elements.map((p) => compilePattern(values, p, scope));
      return (slot, frame) => {
        const value = force(slot);
        if (typeof value !== 'object' || value.kind !== 'set') return false;
        if (element === undefined) return value.items.length === 0;
        return value.items.length === 1 && element(value.items[0]!, frame);
      };
    }
    case 'dot':
      return dotMatcher(values, pattern, scope);
    case 'both': {
      const left = compilePattern(values, pattern.left, scope);
      const right = compilePattern(values, pattern.right, scope);
      return (slot, frame) => left(slot, frame) && right(slot, frame);
    }
    case 'paren':
      return compilePattern(values, pattern.inner, scope);
  }
}

/** Whether `value` is the constructor alone. */
function isBare(value: Value, head: Constructor): boolean {
  return typeof value === 'object' && value.kind === 'tagged' && value.head === head && value.fields.length === 0;
}

interface SequenceParts {
  readonly starts: readonly Pattern[];
  /** The part of unknown length, if there is one. */
  readonly middle: Pattern | undefined;
  readonly ends: readonly Pattern[];
}

function partsOfSequence(pattern: Pattern): SequenceParts {
  switch (pattern.kind) {
    case 'paren':
      return partsOfSequence(pattern.inner);
    case 'sequence':
      return { starts: pattern.elements, middle: undefined, ends: [] };
    case 'string': {
      const { span } = pattern;
      const starts = Array.from(pattern.value, (value): Pattern => ({ kind: 'char', span, value }));
      return { starts, middle: undefined, ends: [] };
    }
    case 'concatenation': {
      const left = partsOfSequence(pattern.left);
      const right = partsOfSequence(pattern.right);
      if (left.middle === undefined) return { ...right, starts: [...left.starts, ...right.starts] };
      if (right.middle === undefined) return { ...left, ends: [...left.ends, ...right.starts] };
      throw fault('invalidPattern', pattern.span, 'Only one part of a sequence pattern may have unknown length.');
    }
    default:
      return { starts: [], middle: pattern, ends: [] };
  }
}

function sequenceMatcher(
  values: Values,
  { span }: Pattern,
  starts: readonly Matcher[],
  middle: Matcher | undefined,
  ends: readonly Matcher[],
): Matcher {
  return (slot, frame) => {
    const value = force(slot);
    if (typeof value !== 'object' || (value.kind !== 'sequence' && value.kind !== 'stream')) return false;
    let rest: Sequence | Stream = value;
    // All lengths are compared before any part is matched, so that a part is not evaluated in vain.
    const heads: Value[] = [];
    for (let i = 0; i < starts.length; i++) {
      const cell = uncons(values, span, rest);
      if (cell === undefined) return false;
      heads.push(cell.head);
      rest = cell.tail;
    }
    if (middle === undefined) {
      if (uncons(values, span, rest) !== undefined) return false;
      return starts.every((match, i) => match(heads[i]!, frame));
    }
    if (ends.length === 0) return starts.every((match, i) => match(heads[i]!, frame)) && middle(rest, frame);
    const remaining = [...elementsOf(rest)];
    const cut = remaining.length - ends.length;
    if (cut < 0) return false;
    return (
      starts.every((match, i) => match(heads[i]!, frame)) &&
      middle(values.sequence(remaining.slice(0, cut)), frame) &&
      ends.every((match, i) => match(remaining[cut + i]!, frame))
    );
  };
}

/** The parts of `p.q.r`, left to right. */
export function partsOfDot(pattern: Pattern): readonly Pattern[] {
  if (pattern.kind === 'paren' && pattern.inner.kind === 'dot') return partsOfDot(pattern.inner);
  return pattern.kind === 'dot' ? [...partsOfDot(pattern.left), ...partsOfDot(pattern.right)] : [pattern];
}

/** Matches a list of items and says which were left over; nothing when it does not fit. */
type ItemsMatcher = (items: readonly Value[], frame: Frame) => boolean;

function dotMatcher(values: Values, pattern: Pattern, scope: Scope): Matcher {
  const match = itemsMatcher(values, partsOfDot(pattern), scope);
  return (slot, frame) => {
    const value = force(slot);
    if (typeof value !== 'object') return false;
    if (value.kind === 'dot') return match(value.items, frame);
    // A constructor with its fields reads like a dot that begins with the constructor.
    return value.kind === 'tagged' && value.fields.length > 0 && match([value], frame);
  };
}

function itemsMatcher(values: Values, parts: readonly Pattern[], scope: Scope): ItemsMatcher {
  const [part, ...rest] = parts;
  const head = constructorOf(part!, scope);
  if (rest.length === 0) {
    const match = compilePattern(values, part!, scope);
    return (items, frame) => items.length > 0 && match(values.dot(items), frame);
  }
  if (head !== undefined) {
    const matchRest = itemsMatcher(values, rest, scope);
    return (items, frame) => {
      const [first] = items;
      if (typeof first !== 'object' || first.kind !== 'tagged' || first.head !== head) return false;
      // The pattern goes on inside this constructor, so its fields join the items that follow it.
      return matchRest([...first.fields, ...items.slice(1)], frame);
    };
  }
  const match = compilePattern(values, part!, scope);
  const taken = itemsTaken(part!);
  const matchRest = itemsMatcher(values, rest, scope);
  return (items, frame) => {
    if (items.length === 1) {
      const [first] = items;
      // `x.y` over a constructor with fields: x is the constructor alone.
      if (taken !== 1 || typeof first !== 'object' || first.kind !== 'tagged' || first.fields.length === 0)
        return false;
      return match(values.tagged(first.head, []), frame) && matchRest(first.fields, frame);
    }
    if (items.length <= taken) return false;
    return match(values.dot(items.slice(0, taken)), frame) && matchRest(items.slice(taken), frame);
  };
}

/** How many items of a dot a pattern takes when more patterns follow. */
function itemsTaken(pattern: Pattern): number {
  switch (pattern.kind) {
    case 'paren':
      return itemsTaken(pattern.inner);
    case 'dot':
      return itemsTaken(pattern.left) + itemsTaken(pattern.right);
    case 'both':
      return Math.max(itemsTaken(pattern.left), itemsTaken(pattern.right));
    default:
      return 1;
  }
}
