/**
 * Functions: their code, their values, and how they are called.
 *
 * A call of a process function is a lazy process term, known by the function and its arguments. Any other call runs at once; one in tail
 * position runs in its caller's loop, so that a recursion of that form needs no stack.
 */
import type { Process, Span } from '../../csp/index.ts';
import type * as Syntax from '../syntax.ts';
import { fault } from './codes.ts';
import type { Compiler } from './compiler.ts';
import type { Machine, TailCall } from './machine.ts';
import { compilePattern, type Matcher } from './pattern.ts';
import { print } from './print.ts';
import { type Code, type Frame, type Scope, Unit } from './scope.ts';
import { force } from './thunk.ts';
import { type FunctionValue, inWords, type Slot, type Value } from './value.ts';

/** Returned in place of a value by code in tail position: the call is in `Machine.tail`. */
export const TAIL = Symbol('tail call') as unknown as Value;

interface ClauseCode {
  readonly unit: Unit;
  readonly matchers: readonly Matcher[];
  readonly body: Code;
}

export class FunctionCode {
  readonly name: string;
  readonly span: Span;
  /** Lengths of the argument lists, in order. */
  readonly listLengths: readonly number[];
  readonly parameterCount: number;
  /** Whether a full application is a process, so becomes a call. */
  readonly isProcess: () => boolean;
  readonly #compiler: Compiler;
  readonly #clauses: readonly Syntax.Clause[];
  readonly #scope: Scope;
  #compiled: readonly ClauseCode[] | undefined;

  constructor(
    compiler: Compiler,
    name: string,
    span: Span,
    clauses: readonly Syntax.Clause[],
    scope: Scope,
    isProcess: () => boolean,
  ) {
    this.#compiler = compiler;
    this.name = name;
    this.span = span;
    this.#clauses = clauses;
    this.#scope = scope;
    this.isProcess = isProcess;
    this.listLengths = clauses[0]!.parameters.map((list) => list.length);
    this.parameterCount = this.listLengths.reduce((sum, length) => sum + length, 0);
  }

  /** Compiles the clauses. A function that captures variables must be prepared before its unit is entered. */
  prepare(): readonly ClauseCode[] {
    if (this.#compiled !== undefined) return this.#compiled;
    const { values } = this.#compiler.machine;
    this.#compiled = this.#clauses.map((clause) => {
      const unit = new Unit(this.#scope.unit);
      const scope = this.#scope.inner(unit);
      const parameters = clause.parameters.flat();
      if (parameters.length !== this.parameterCount) {
        throw fault(
          'argumentCount',
          clause.span,
          `This clause of ${this.name} has ${parameters.length} parameters, and the first has ${this.parameterCount}.`,
        );
      }
      const matchers = parameters.map((p) => compilePattern(values, p, scope));
      return { unit, matchers, body: this.#compiler.expression(clause.body, scope, true) };
    });
    return this.#compiled;
  }

  /**
   * The value for these arguments, all lists in one. Matching, evaluating and the loop over calls in tail position are one function, since each
   * level of the host's stack that a call needs makes the deepest recursion shorter.
   */
  invoke(machine: Machine, around: Frame, args: readonly Slot[], span: Span): Value {
    const { budget } = machine;
    budget.enter(span);
    let call: TailCall = { code: this, around, args, span };
    for (;;) {
      budget.step(call.span);
      let value: Value | undefined;
      for (const clause of call.code.prepare()) {
        const frame = clause.unit.enter(call.around);
        if (!matches(clause.matchers, call.args, frame)) continue;
        value = clause.body(frame);
        break;
      }
      if (value === undefined) throw noClause(call);
      if (value !== TAIL) {
        budget.leave();
        return value;
      }
      call = machine.tail!;
    }
  }

  /** The process that is this function of these arguments. `prefix` tells the function from others. */
  call(machine: Machine, prefix: string, around: Frame, args: readonly Slot[], span: Span): Process {
    const given = args.map(force);
    const key = `${prefix}(${machine.values.keysOf(given)})`;
    const body = (): Process =>
      machine.budget.demand(span, () => machine.process(this.invoke(machine, around, given, span), this.span));
    const { name, listLengths } = this;
    const about = {
      get name() {
        let at = 0;
        const lists = listLengths.map((length) => given.slice(at, (at += length)).map((value) => print(value, 60)));
        return `${name}${lists.map((list) => `(${list.join(', ')})`).join('')}`;
      },
      span: this.span,
    };
    return machine.terms.call(key, body, about);
  }
}

function matches(matchers: readonly Matcher[], args: readonly Slot[], frame: Frame): boolean {
  for (let i = 0; i < matchers.length; i++) if (!matchers[i]!(args[i]!, frame)) return false;
  return true;
}

function noClause({ code, args, span }: TailCall): Error {
  const shown = args.map((slot) => print(force(slot), 60)).join(', ');
  return fault('noClause', span, `No clause of ${code.name} matches (${shown}). Add a clause for it.`);
}

/** A function with the variables it captured and the argument lists it was given so far. */
export class Closure implements FunctionValue {
  readonly kind = 'function';
  readonly code: FunctionCode;
  readonly around: Frame;
  readonly #machine: Machine;
  readonly #prefix: () => string;
  readonly #given: readonly Slot[];
  readonly #listsGiven: number;

  constructor(
    machine: Machine,
    code: FunctionCode,
    around: Frame,
    prefix: () => string,
    given: readonly Slot[] = [],
    listsGiven = 0,
  ) {
    this.#machine = machine;
    this.code = code;
    this.around = around;
    this.#prefix = prefix;
    this.#given = given;
    this.#listsGiven = listsGiven;
  }

  get name(): string {
    const shown = this.#given.map((slot) => print(force(slot), 60));
    return shown.length === 0 ? this.code.name : `${this.code.name}(${shown.join(', ')})`;
  }

  identity(): string {
    const { values } = this.#machine;
    return `${this.#prefix()}(${this.#given.map((slot) => values.keyOfSlot(slot)).join()}`;
  }

  apply(args: readonly Slot[], span: Span): Value {
    const call = this.take(args, span);
    if (call === undefined) {
      return new Closure(
        this.#machine,
        this.code,
        this.around,
        this.#prefix,
        [...this.#given, ...args],
        this.#listsGiven + 1,
      );
    }
    if (this.code.isProcess()) {
      return this.#machine.values.process(this.code.call(this.#machine, this.#prefix(), this.around, call, span));
    }
    return this.code.invoke(this.#machine, this.around, call, span);
  }

  /** All arguments, when `args` is the last list needed. */
  take(args: readonly Slot[], span: Span): readonly Slot[] | undefined {
    const expected = this.code.listLengths[this.#listsGiven];
    if (args.length !== expected) throw wrongCount(this.code.name, expected ?? 0, args.length, span);
    if (this.#listsGiven + 1 < this.code.listLengths.length) return undefined;
    return this.#given.length === 0 ? args : [...this.#given, ...args];
  }
}

/** A function of the language itself: takes all its arguments evaluated. */
export class Builtin implements FunctionValue {
  readonly kind = 'function';
  readonly name: string;
  readonly #parameterCount: number;
  readonly #run: (args: readonly Value[], span: Span) => Value;
  readonly #identity: string;

  constructor(
    name: string,
    parameterCount: number,
    run: (args: readonly Value[], span: Span) => Value,
    identity = `builtin ${name}`,
  ) {
    this.name = name;
    this.#parameterCount = parameterCount;
    this.#run = run;
    this.#identity = identity;
  }

  identity(): string {
    return this.#identity;
  }

  apply(args: readonly Slot[], span: Span): Value {
    if (args.length !== this.#parameterCount) throw wrongCount(this.name, this.#parameterCount, args.length, span);
    return this.#run(args.map(force), span);
  }
}

export function applied(value: Value, args: readonly Slot[], span: Span): Value {
  if (typeof value === 'object' && value.kind === 'function') return value.apply(args, span);
  throw fault('wrongSort', span, `Only a function can be applied, and this is ${inWords(value)}.`);
}

function wrongCount(name: string, expected: number, given: number, span: Span): Error {
  const words = `${expected} ${expected === 1 ? 'argument' : 'arguments'}`;
  return fault('argumentCount', span, `${name} takes ${words}, and ${given === 0 ? 'none is' : `${given} are`} given.`);
}
