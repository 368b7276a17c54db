/** What all compiled code of one script shares. */

import { Alphabet, type EventId, type EventSet, eventSet, type Process, type Span, Terms } from '../../csp/index.ts';
import { Budget, type EvaluationLimits } from './budget.ts';
import { fault } from './codes.ts';
import { elements } from './extent.ts';
import type { FunctionCode } from './function.ts';
import { print } from './print.ts';
import type { Frame } from './scope.ts';
import type { Stream } from './stream.ts';
import { inWords, type Sequence, type SetValue, type Slot, type Tagged, type Value } from './value.ts';
import { Values } from './values.ts';

/** A call in tail position, waiting for the caller's loop to make it. */
export interface TailCall {
  readonly code: FunctionCode;
  readonly around: Frame;
  readonly args: readonly Slot[];
  readonly span: Span;
}

export class Machine {
  readonly terms = new Terms(new Alphabet());
  readonly budget: Budget;
  readonly values: Values;
  tail: TailCall | undefined;
  #sites = 0;

  constructor(limits: Required<EvaluationLimits>, stopped?: () => boolean) {
    this.budget = new Budget(limits, stopped);
    this.values = new Values(this.terms, this.budget);
  }

  /** A number for a place in the script whose values must be told from those of other places. */
  site(): number {
    return this.#sites++;
  }

  // ── Values as what an operator needs ──────────────────────────────────────────────────────────────────────────────

  number(value: Value, span: Span): number {
    if (typeof value === 'number') return value;
    throw this.wrong('a number', value, span);
  }

  boolean(value: Value, span: Span): boolean {
    if (typeof value === 'boolean') return value;
    throw this.wrong('a truth value', value, span);
  }

  set(value: Value, span: Span): SetValue {
    if (typeof value === 'object' && (value.kind === 'set' || value.kind === 'symbolic')) return value;
    throw this.wrong('a set', value, span);
  }

  sequence(value: Value, span: Span): Sequence | Stream {
    if (typeof value === 'object' && (value.kind === 'sequence' || value.kind === 'stream')) return value;
    throw this.wrong('a sequence', value, span);
  }

  process(value: Value, span: Span): Process {
    if (typeof value === 'object' && value.kind === 'process') return value.process;
    throw this.wrong('a process', value, span);
  }

  event(value: Value, span: Span): EventId {
    if (typeof value !== 'object' || value.kind !== 'tagged' || !value.head.isChannel) {
      throw this.wrong('an event', value, span);
    }
    if (value.event !== undefined) return value.event;
    if (!value.complete) throw incomplete(value, span);
    value.event = this.terms.alphabet.intern(print(value, Number.POSITIVE_INFINITY));
    return value.event;
  }

  events(value: Value, span: Span): EventSet {
    const set = this.set(value, span);
    if (set.kind === 'set' && set.events !== undefined) return set.events;
    const events = eventSet(elements(this.values, span, set).map((item) => this.event(item, span)));
    if (set.kind === 'set') set.events = events;
    return events;
  }

  wrong(expected: string, value: Value, span: Span): Error {
    const text = typeof value === 'object' && value.kind === 'stream' ? '' : ` ${print(value, 40)}`;
    return fault('wrongSort', span, `Here ${expected} is expected, and this is ${inWords(value)}:${text}.`);
  }
}

function incomplete(value: Tagged, span: Span): Error {
  const rest = value.head.fields().length - value.fields.length;
  const missing =
    rest === 0 ? 'its last field is not complete' : `${rest} more ${rest === 1 ? 'field' : 'fields'} must follow`;
  return fault('incompleteEvent', span, `${print(value, 60)} is not a whole event: ${missing}.`);
}
