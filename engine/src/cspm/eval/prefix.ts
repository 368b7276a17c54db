/**
 * Prefix: `c!e?x:S$y -> P`.
 *
 * Fields are taken left to right, each seeing the names before it. An input without a set ranges over what the channel declares: over one field, or,
 * when it is the last, over all that are left. What follows the event is a lazy call, known by its place in the script and the values of the variables
 * it uses, so that inputs it does not use make no new states.
 */

import type { Branch, Process, Span } from '../../csp/index.ts';
import type { Expression, Field } from '../syntax.ts';
import { ELEMENT_CALLS } from './budget.ts';
import { isCheap, withoutParens } from './cheap.ts';
import { fault } from './codes.ts';
import type { Compiler } from './compiler.ts';
import { dotted } from './dots.ts';
import { extended, extensions, isIncomplete, nextFields } from './extent.ts';
import type { Machine } from './machine.ts';
import { compilePattern, constructorOf, partsOfDot } from './pattern.ts';
import { print } from './print.ts';
import { type Frame, type Scope, Unit } from './scope.ts';
import { rangeOf } from './sets.ts';
import { shapeOf } from './shape.ts';
import { after, chosen, type Timing, waiting } from './timed.ts';
import type { Tagged, Value } from './value.ts';

/** What a prefix offers: branches by event, and choices the process makes itself. */
interface Offer {
  readonly branches: Branch[];
  readonly choices: Process[];
}

type Step = (frame: Frame, base: Value, offer: Offer) => void;

export function compilePrefix(
  compiler: Compiler,
  prefix: Expression & { kind: 'prefix' },
  around: Scope,
): (frame: Frame) => Process {
  const { machine } = compiler;
  const scope = around.inner();
  const event = compiler.expression(prefix.event, scope);
  const eventSpan = prefix.fields.length === 0 ? prefix.event.span : prefix.span;
  const { timing } = around;
  const offered = offeredBy(machine, timing, prefix.span);
  const later = (taken: Value, process: Process): Process =>
    timing === undefined ? process : after(machine, timing, timing.duration(taken), process);
  if (prefix.fields.length === 0) {
    const next = compileNext(compiler, prefix.process, scope);
    return (frame) => {
      const value = event(frame);
      const id = machine.event(value, eventSpan);
      return offered(({ branches }) => branches.push({ event: id, next: later(value, next(frame)) }));
    };
  }

  const steps = prefix.fields.map((field, i) =>
    compileField(compiler, field, i === prefix.fields.length - 1, scope, offered),
  );
  const next = compileNext(compiler, prefix.process, scope);
  const last: Step = (frame, base, offer) => {
    offer.branches.push({ event: machine.event(base, eventSpan), next: later(base, next(frame)) });
  };
  const run = steps.reduceRight<Step>((rest, step) => step(rest), last);
  return (frame) => offered((offer) => run(frame, event(frame), offer));
}

/** Makes the process that offers all that `collect` finds. */
type Offered = (collect: (offer: Offer) => void) => Process;

function offeredBy(machine: Machine, timing: Timing | undefined, span: Span): Offered {
  return (collect) => {
    const offer: Offer = { branches: [], choices: [] };
    collect(offer);
    const { branches, choices } = offer;
    if (branches.length === 0 && choices.length > 0) return chosen(machine, timing, choices);
    const taken = machine.terms.prefixChoice(branches);
    const waits = timing === undefined ? taken : waiting(machine, timing, taken, span);
    return choices.length === 0 ? waits : chosen(machine, timing, [waits, ...choices]);
  };
}

function compileField(
  compiler: Compiler,
  field: Field,
  isLast: boolean,
  scope: Scope,
  offered: Offered,
): (rest: Step) => Step {
  const { machine } = compiler;
  const { values } = machine;
  if (field.kind === 'output') {
    const output = compiler.expression(field.expression, scope);
    return (rest) => (frame, base, offer) => {
      rest(frame, dotted(values, field.expression.span, base, output(frame)), offer);
    };
  }
  const inputs = compileInput(compiler, field, isLast, scope);
  if (field.kind === 'input') {
    return (rest) => (frame, base, offer) => inputs(frame, base, (whole) => rest(frame, whole, offer));
  }
  return (rest) => (frame, base, offer) => {
    const alternatives: Process[] = [];
    inputs(frame, base, (whole) => {
      alternatives.push(offered((inner) => rest(frame, whole, inner)));
    });
    if (alternatives.length === 0) {
      throw fault(
        'emptyChoice',
        field.span,
        'The process must choose a value here, and the set to choose from is empty.',
      );
    }
    offer.choices.push(machine.terms.internalChoice(alternatives));
  };
}

/** Runs `found` once for each value of the field that matches, with the event so far. */
type Inputs = (frame: Frame, base: Value, found: (whole: Value) => void) => void;

function compileInput(
  compiler: Compiler,
  field: Field & { kind: 'input' | 'nondeterministic' },
  isLast: boolean,
  scope: Scope,
): Inputs {
  const { machine } = compiler;
  const { values } = machine;
  if (field.from !== undefined) {
    const { span } = field.from;
    const from = compiler.expression(field.from, scope);
    const match = compilePattern(values, field.pattern, scope);
    return (frame, base, found) => {
      for (const item of rangeOf(values, span, machine.set(from(frame), span))) {
        machine.budget.step(span, ELEMENT_CALLS);
        if (match(item, frame)) found(dotted(values, field.span, base, item));
      }
    };
  }
  const parts = partsOfDot(field.pattern);
  const steps = parts.map((part, i): ((rest: Inputs) => Inputs) => {
    const head = constructorOf(part, scope);
    if (head !== undefined) {
      return (rest) => (frame, base, found) => {
        rest(frame, dotted(values, part.span, base, values.tagged(head, [])), found);
      };
    }
    const match = compilePattern(values, part, scope);
    const takesAll = isLast && i === parts.length - 1;
    return (rest) => (frame, base, found) => {
      if (!isIncomplete(base)) {
        const what = `${print(base, 60)} has no field left`;
        throw fault(
          'incompleteEvent',
          part.span,
          `${what} for this input. Remove it, or declare the channel with more fields.`,
        );
      }
      for (const { value, whole } of takesAll ? allFields(base) : oneField(base)) {
        machine.budget.step(field.span, ELEMENT_CALLS);
        if (match(value, frame)) rest(frame, whole, found);
      }
    };
  });
  const allFields = (base: Tagged) =>
    remembered(base, 'all', () =>
      extensions(values, field.span, base).map((items) => ({
        value: values.dot(items),
        whole: extended(values, base, items),
      })),
    );
  const oneField = (base: Tagged) =>
    remembered(base, 'one', () =>
      nextFields(values, field.span, base).map((value) => ({ value, whole: extended(values, base, [value]) })),
    );
  return steps.reduceRight<Inputs>(
    (rest, step) => step(rest),
    (_frame, base, found) => found(base),
  );
}

interface Extension {
  readonly value: Value;
  readonly whole: Tagged;
}

/** What a channel declares does not change, so the ways to extend an event are found once. */
const extensionsOf = new WeakMap<Tagged, { all?: readonly Extension[]; one?: readonly Extension[] }>();

function remembered(base: Tagged, which: 'all' | 'one', find: () => readonly Extension[]): readonly Extension[] {
  let known = extensionsOf.get(base);
  if (known === undefined) {
    known = {};
    extensionsOf.set(base, known);
  }
  known[which] ??= find();
  return known[which];
}

/**
 * What follows an event. A process that is only named is taken as it is. One that is a call with arguments to compute is called at once when that
 * can be done without a fault: `P(union(s, {x}))` is then the same state however s and x came to it. Anything else is a call of its own.
 */
export function compileNext(compiler: Compiler, expression: Expression, around: Scope): (frame: Frame) => Process {
  if (isNamed(compiler, withoutParens(expression), around)) return compiler.process(expression, around);
  if (!isCall(expression)) return compileLater(compiler, expression, around);
  const { budget } = compiler.machine;
  const now = compiler.process(expression, around);
  // Compiled on the first fault: what it captures is in the frame already, since `now` uses it.
  let later: ((frame: Frame) => Process) | undefined;
  return (frame) => {
    const called = budget.attempt(() => now(frame));
    if (called !== undefined) return called;
    later ??= compileLater(compiler, expression, around);
    return later(frame);
  };
}

function compileLater(compiler: Compiler, expression: Expression, around: Scope): (frame: Frame) => Process {
  const { machine } = compiler;
  const site = machine.site();
  const unit = new Unit(around.unit);
  const scope = around.inner(unit);
  // Without variables around there is nothing to capture, and a long chain of prefixes is compiled one step at a time.
  let body = scope.hasLocals ? compiler.process(expression, scope) : undefined;
  const { values, terms, budget } = machine;
  const { span } = expression;
  return (frame) => {
    const own = unit.enter(frame);
    let key = `@${site}`;
    for (const { to } of unit.captures) key += `,${values.keyOfSlot(own[to]!)}`;
    const unfold = (): Process =>
      budget.demand(span, () => {
        body ??= compiler.process(expression, scope);
        return body(own);
      });
    return terms.call(key, unfold, { span });
  };
}

/** Whether the expression, whatever the values, is a call. */
function isCall(expression: Expression): boolean {
  switch (expression.kind) {
    case 'paren':
      return isCall(expression.inner);
    case 'name':
    case 'apply':
      return true;
    case 'if':
      return isCall(expression.consequent) && isCall(expression.alternative);
    case 'let':
      return isCall(expression.body);
    default:
      return false;
  }
}

/** Whether the expression is a process by name, perhaps with arguments, which costs nothing to write down. */
function isNamed(compiler: Compiler, expression: Expression, scope: Scope): boolean {
  if (expression.kind === 'name') {
    const binding = scope.find(expression.name.parts);
    if (binding?.kind === 'local') return true;
    return binding?.kind === 'global' && binding.shape().is === 'process';
  }
  if (expression.kind !== 'apply') return false;
  let head: Expression = expression;
  while (head.kind === 'apply') {
    if (!head.arguments.every(isCheap)) return false;
    head = withoutParens(head.function);
  }
  if (head.kind !== 'name') return false;
  const binding = scope.find(head.name.parts);
  const isDeclared = binding?.kind === 'local' || (binding?.kind === 'global' && binding.codeOf !== undefined);
  return isDeclared && shapeOf(expression, compiler.shapes(scope)).is === 'process';
}
