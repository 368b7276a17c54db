/**
 * Names resolved once, before evaluation: every variable becomes a slot of a frame.
 *
 * A `Unit` is a piece of code with a frame of its own: the body of a function, a delayed argument, what follows a prefix. When it is made it
 * copies the variables it uses from the frame around it, so it keeps nothing else alive, and the values it captured say what it means.
 */
import type { ModuleDeclaration } from '../syntax.ts';
import type { Constructor, Datatype } from './constructor.ts';
import type { FunctionCode } from './function.ts';
import type { Shape } from './shape.ts';
import type { Timing } from './timed.ts';
import type { Slot, Value } from './value.ts';

export type Frame = Slot[];
/** Compiled code: evaluates an expression in a frame. */
export type Code = (frame: Frame) => Value;

export interface Local {
  readonly kind: 'local';
  readonly unit: Unit;
  readonly slot: number;
  readonly shape: Shape;
}

/** Something with a name at the top of a script or module. */
export interface Global {
  readonly kind: 'global';
  /** Qualified by the modules it is in. */
  readonly name: string;
  readonly shape: () => Shape;
  readonly slot: () => Slot;
  /** Set for channels and datatype constructors. */
  readonly constructorOf?: Constructor;
  /** Set for datatypes. */
  readonly datatypeOf?: Datatype;
  /** Set for functions the script declares. */
  readonly codeOf?: FunctionCode;
}

export interface Module {
  readonly kind: 'module';
  readonly name: string;
  /** What may be reached through the module's name; nothing for one that still needs its arguments. */
  readonly exported: Scope | undefined;
  readonly declaration: ModuleDeclaration;
  /** Where the module is declared. */
  readonly around: Scope;
}

export type Binding = Local | Global | Module;

export class Unit {
  readonly parent: Unit | undefined;
  readonly captures: { readonly from: number; readonly to: number }[] = [];
  readonly #captured = new Map<Local, number>();
  #size = 0;

  constructor(parent: Unit | undefined) {
    this.parent = parent;
  }

  slot(): number {
    return this.#size++;
  }

  /** The slot of a variable in this unit's frames; captures it when it belongs to a unit around this one. */
  reach(local: Local): number {
    if (local.unit === this) return local.slot;
    const known = this.#captured.get(local);
    if (known !== undefined) return known;
    if (this.parent === undefined) throw new Error('a variable is used outside its unit');
    const from = this.parent.reach(local);
    const to = this.slot();
    this.captures.push({ from, to });
    this.#captured.set(local, to);
    return to;
  }

  /** A new frame with the captured variables in place. */
  enter(around: Frame): Frame {
    const frame: Frame = new Array(this.#size);
    for (const { from, to } of this.captures) frame[to] = around[from]!;
    return frame;
  }
}

export class Scope {
  readonly parent: Scope | undefined;
  readonly unit: Unit;
  readonly #bindings = new Map<string, Binding>();
  /** Whether a variable is in scope, so that code here may capture something. */
  readonly #underLocals: boolean;
  #hasLocals = false;
  /** Set on the scope of a timed section, and inherited. */
  timing: Timing | undefined;

  constructor(unit: Unit, parent?: Scope) {
    this.unit = unit;
    this.parent = parent;
    this.#underLocals = parent?.hasLocals ?? false;
    this.timing = parent?.timing;
  }

  get hasLocals(): boolean {
    return this.#hasLocals || this.#underLocals;
  }

  /** A scope inside this one, in the same unit or in a new one. */
  inner(unit: Unit = this.unit): Scope {
    return new Scope(unit, this);
  }

  declare(name: string, shape: Shape): Local {
    const local: Local = { kind: 'local', unit: this.unit, slot: this.unit.slot(), shape };
    this.#bindings.set(name, local);
    this.#hasLocals = true;
    return local;
  }

  define(name: string, binding: Binding): void {
    this.#bindings.set(name, binding);
  }

  own(name: string): Binding | undefined {
    return this.#bindings.get(name);
  }

  find(parts: readonly string[]): Binding | undefined {
    const [first, ...rest] = parts;
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      let binding = scope.own(first!);
      if (binding === undefined) continue;
      for (const part of rest) binding = binding?.kind === 'module' ? binding.exported?.own(part) : undefined;
      return binding;
    }
    return undefined;
  }

  ownNames(): readonly string[] {
    return [...this.#bindings.keys()];
  }

  /** All names in scope, for suggestions. */
  *names(): Generator<string> {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) yield* scope.#bindings.keys();
  }
}
