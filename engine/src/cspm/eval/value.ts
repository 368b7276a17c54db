/**
 * The values of CSPM.
 *
 * Numbers and booleans are those of the host. Every other value but functions, streams and processes is hash-consed by `Values`:
 * two equal values are the same object, so equality is `===`, and a set of values is an ordinary `Set`.
 */
import type { EventId, EventSet, Process, Span, Terms } from '../../csp/index.ts';
import type { Constructor, Datatype } from './constructor.ts';
import type { Stream } from './stream.ts';
import type { Thunk } from './thunk.ts';

export type Value =
  | number
  | boolean
  | Char
  | Tuple
  | Sequence
  | Stream
  | FiniteSet
  | SymbolicSet
  | Dot
  | Tagged
  | MapValue
  | FunctionValue
  | ProcessValue;

/** What a variable holds: a value, or one not yet asked for. */
export type Slot = Value | Thunk;

interface Interned<Kind extends string> {
  readonly kind: Kind;
  readonly id: number;
}

export type Char = Interned<'char'> & { readonly text: string };
export type Tuple = Interned<'tuple'> & { readonly items: readonly Value[] };
export type Sequence = Interned<'sequence'> & { readonly items: readonly Value[] };
/** Elements in the total order of `order.ts`, without duplicates. */
export type FiniteSet = Interned<'set'> & {
  readonly items: readonly Value[];
  /** Made on first use: membership, and the events of a set of events. */
  index: ReadonlySet<Value> | undefined;
  events: EventSet | undefined;
};
/** A set that is not written out: infinite, or too large. */
export type SymbolicSet = Interned<'symbolic'> & { readonly shape: SetShape };
export type SetValue = FiniteSet | SymbolicSet;
export type SetShape =
  | { readonly of: 'integers' }
  | { readonly of: 'processes' }
  | { readonly of: 'characters' }
  /** `{low..}`. */
  | { readonly of: 'from'; readonly low: number }
  /** `Seq(over)`, `Set(over)`. */
  | { readonly of: 'sequences' | 'subsets'; readonly over: SetValue }
  | { readonly of: 'maps'; readonly keys: SetValue; readonly values: SetValue }
  | { readonly of: 'datatype'; readonly datatype: Datatype }
  /** `{| prefix |}`. */
  | { readonly of: 'productions'; readonly prefix: Tagged }
  /** Tuples, or dots, with one item from each factor. */
  | { readonly of: 'tuples' | 'dots'; readonly factors: readonly SetValue[] }
  | { readonly of: 'union'; readonly parts: readonly SetValue[] };

/** `1.2`: two or more items; none is a dot, and only the last may be an incomplete constructor. */
export type Dot = Interned<'dot'> & { readonly items: readonly Value[] };
/** A channel or datatype constructor with the fields given so far; only the last field may be incomplete. */
export type Tagged = Interned<'tagged'> & {
  readonly head: Constructor;
  readonly fields: readonly Value[];
  /** All fields are there, and the last is complete. */
  readonly complete: boolean;
  /** Of a complete channel: the event, once asked for. */
  event: EventId | undefined;
};
/** Entries in the order of their keys. */
export type MapValue = Interned<'map'> & { readonly entries: ReadonlyMap<Value, Value> };
/** Made anew each time, since most are only passed on; `settle` gives the one that stands for its process. */
export interface ProcessValue {
  readonly kind: 'process';
  readonly process: Process;
  readonly terms: Terms;
}

/**
 * A function, perhaps partly applied. Two functions are the same when they come from one place in the script and captured the same values.
 */
export interface FunctionValue {
  readonly kind: 'function';
  /** For people: the name, or `\x @ …`. */
  readonly name: string;
  /** What tells it from other functions; may evaluate what it captured. */
  identity(): string;
  /** Applies it to one argument list. */
  apply(args: readonly Slot[], span: Span): Value;
}

export type ValueKind = 'number' | 'boolean' | Exclude<Value, number | boolean>['kind'];

export function kindOf(value: Value): ValueKind {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return value.kind;
}

const WORDS: Record<ValueKind, string> = {
  number: 'a number',
  boolean: 'a truth value',
  char: 'a character',
  tuple: 'a tuple',
  sequence: 'a sequence',
  stream: 'a sequence',
  set: 'a set',
  symbolic: 'a set',
  dot: 'a dotted value',
  tagged: 'a channel or datatype value',
  map: 'a map',
  function: 'a function',
  process: 'a process',
};

/** What kind of thing a value is, in words: `a set`. */
export function inWords(value: Value): string {
  return WORDS[kindOf(value)];
}
