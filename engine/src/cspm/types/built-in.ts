/**
 * The names every script knows, with their types. FDR manual, "Functional syntax" and "Built-in definitions".
 *
 * `Set a` where a function only builds sets; `Eq a` where its answer depends on comparing members, for processes cannot be compared.
 */
import { readType } from './notation.ts';
import type { Type } from './type.ts';

const EVERYWHERE = {
  STOP: 'Proc',
  SKIP: 'Proc',
  DIV: 'Proc',
  CHAOS: '({Event}) -> Proc',
  RUN: '({Event}) -> Proc',
  BUFFER: '(Int, {(Event, Event)}) -> Proc',
  WEAK_BUFFER: '(Int, Event, {(Event, Event)}) -> Proc',
  SIGNAL_BUFFER: '(Int, Event, Event, {(Event, Event)}) -> Proc',
  Int: '{Int}',
  Bool: '{Bool}',
  Char: '{Char}',
  Proc: '{Proc}',
  Events: '{Event}',
  true: 'Bool',
  false: 'Bool',
  True: 'Bool',
  False: 'Bool',
  union: 'Set a => ({a}, {a}) -> {a}',
  inter: 'Set a => ({a}, {a}) -> {a}',
  diff: 'Set a => ({a}, {a}) -> {a}',
  Union: 'Set a => ({{a}}) -> {a}',
  Inter: 'Set a => ({{a}}) -> {a}',
  set: 'Set a => (<a>) -> {a}',
  Set: 'Set a => ({a}) -> {{a}}',
  Seq: 'Set a => ({a}) -> {<a>}',
  seq: 'Eq a => ({a}) -> <a>',
  member: 'Eq a => (a, {a}) -> Bool',
  card: 'Eq a => ({a}) -> Int',
  empty: 'Eq a => ({a}) -> Bool',
  length: '(<a>) -> Int',
  null: '(<a>) -> Bool',
  head: '(<a>) -> a',
  tail: '(<a>) -> <a>',
  concat: '(<<a>>) -> <a>',
  elem: 'Eq a => (a, <a>) -> Bool',
  emptyMap: 'Set k => (| k => v |)',
  mapFromList: 'Set k => (<(k, v)>) -> (| k => v |)',
  mapLookup: 'Set k => ((| k => v |), k) -> v',
  mapMember: 'Set k => ((| k => v |), k) -> Bool',
  mapToList: 'Set k => ((| k => v |)) -> <(k, v)>',
  mapUpdate: 'Set k => ((| k => v |), k, v) -> (| k => v |)',
  mapUpdateMultiple: 'Set k => ((| k => v |), <(k, v)>) -> (| k => v |)',
  mapDelete: 'Set k => ((| k => v |), k) -> (| k => v |)',
  Map: '(Set k, Set v) => ({k}, {v}) -> {(| k => v |)}',
  extensions: 'Yieldable b => (a=>b) -> {a}',
  productions: 'Yieldable a => (b=>*a) -> {a}',
  error: '(<Char>) -> a',
  show: '(a) -> <Char>',
} as const;

/** Known after `transparent f`: they change how a process is checked, not what it means. */
const TRANSPARENT = {
  explicate: '(Proc) -> Proc',
  lazyenumerate: '(Proc) -> Proc',
  diamond: '(Proc) -> Proc',
  normal: '(Proc) -> Proc',
  lazynorm: '(Proc) -> Proc',
  sbisim: '(Proc) -> Proc',
  tau_loop_factor: '(Proc) -> Proc',
  model_compress: '(Proc) -> Proc',
  wbisim: '(Proc) -> Proc',
  dbisim: '(Proc) -> Proc',
  chase: '(Proc) -> Proc',
  chase_nocache: '(Proc) -> Proc',
} as const;

/** Known after `external f`. */
const EXTERNAL = {
  chase: '(Proc) -> Proc',
  chase_nocache: '(Proc) -> Proc',
  deter: '(Proc) -> Proc',
  loop: '(Proc) -> Proc',
  failure_watchdog: '(Proc, {Event}, Event) -> Proc',
  trace_watchdog: '(Proc, {Event}, Event) -> Proc',
  prioritise: '(Proc, <{Event}>) -> Proc',
  prioritise_nocache: '(Proc, <{Event}>) -> Proc',
  prioritisepo: '(Proc, {Event}, {(Event, Event)}, {Event}) -> Proc',
  mtransclose: 'Eq a => ({(a, a)}, {a}) -> {(a, a)}',
  relational_image: '(Eq a, Set b) => ({(a, b)}) -> (a) -> {b}',
  relational_inverse_image: '(Set a, Eq b) => ({(a, b)}) -> (b) -> {a}',
  transpose: '(Set a, Set b) => ({(a, b)}) -> {(b, a)}',
} as const;

/** Known inside a timed section. */
const TIMED = {
  WAIT: '(Int) -> Proc',
  TSTOP: 'Proc',
  TSKIP: 'Proc',
  timed_priority: '(Proc) -> Proc',
} as const;

function table(notations: Readonly<Record<string, string>>): ReadonlyMap<string, Type> {
  return new Map(Object.entries(notations).map(([name, notation]) => [name, readType(notation)]));
}

export const BUILT_IN: ReadonlyMap<string, Type> = table(EVERYWHERE);
export const TRANSPARENT_FUNCTIONS: ReadonlyMap<string, Type> = table(TRANSPARENT);
export const EXTERNAL_FUNCTIONS: ReadonlyMap<string, Type> = table(EXTERNAL);
export const TIMED_NAMES: ReadonlyMap<string, Type> = table(TIMED);
