/** The names that every script knows. */

import type { Compression, Process, Span } from '../../csp/index.ts';
import { buffer } from './buffer.ts';
import { fault } from './codes.ts';
import { cardinality, contains, elements, extensions } from './extent.ts';
import { Builtin } from './function.ts';
import type { Machine } from './machine.ts';
import { print } from './print.ts';
import { prioritizedBy } from './priority.ts';
import { classes } from './relation.ts';
import type { Global, Scope } from './scope.ts';
import { difference, intersection, itemsOf, setOf, union } from './sets.ts';
import { functionTo, PROCESS, type Shape, VALUE } from './shape.ts';
import { determinized, failureWatchdog, traceWatchdog } from './specification.ts';
import { concatenate, elementsOf, Stream, uncons } from './stream.ts';
import { Thunk } from './thunk.ts';
import type { MapValue, SetValue, Tagged, Value } from './value.ts';
import { areEqual } from './values.ts';

const COMPRESSIONS: Readonly<Record<string, Compression>> = {
  explicate: 'explicate',
  lazyenumerate: 'lazyenumerate',
  sbisim: 'sbisim',
  dbisim: 'dbisim',
  wbisim: 'wbisim',
  diamond: 'diamond',
  tau_loop_factor: 'tau_loop_factor',
  normal: 'normal',
  lazynorm: 'normal',
  model_compress: 'model_compress',
};

/** Defines every name of the language in `scope`. `Events` is defined with the channels. */
export function defineBuiltins(machine: Machine, scope: Scope): void {
  const { values, terms } = machine;

  const constant = (name: string, value: () => Value, shape: Shape = VALUE): void => {
    const thunk = new Thunk(NOWHERE, name, value);
    define(
      name,
      () => shape,
      () => thunk,
    );
  };
  const define = (name: string, shape: () => Shape, slot: Global['slot']): void => {
    scope.define(name, { kind: 'global', name, shape, slot });
  };
  type Run = (args: readonly Value[], span: Span) => Value;
  const declare = (name: string, parameterCount: number, run: Run, shape: Shape = VALUE): void => {
    const value = new Builtin(name, parameterCount, run);
    define(
      name,
      () => functionTo(() => shape),
      () => value,
    );
  };
  const process = (name: string, parameterCount: number, run: (args: readonly Value[], span: Span) => Process): void =>
    declare(name, parameterCount, (args, span) => values.process(run(args, span)), PROCESS);

  // ── Constants ───────────────────────────────────────────────────────────────────────────────────────────────────
  constant('STOP', () => values.process(terms.stop), PROCESS);
  constant('SKIP', () => values.process(terms.skip), PROCESS);
  constant('DIV', () => values.process(terms.div), PROCESS);
  constant('Int', () => values.symbolic({ of: 'integers' }));
  constant('Proc', () => values.symbolic({ of: 'processes' }));
  constant('Char', () => values.symbolic({ of: 'characters' }));
  constant('Bool', () => values.set([false, true]));
  constant('true', () => true);
  constant('True', () => true);
  constant('false', () => false);
  constant('False', () => false);
  constant('emptyMap', () => values.emptyMap);

  // ── Sets ────────────────────────────────────────────────────────────────────────────────────────────────────────
  const set = (value: Value, span: Span): SetValue => machine.set(value, span);
  const setsIn = (value: Value, span: Span): SetValue[] =>
    elements(values, span, set(value, span)).map((item) => set(item, span));
  declare('union', 2, ([a, b], span) => union(values, span, [set(a!, span), set(b!, span)]));
  declare('inter', 2, ([a, b], span) => intersection(values, span, set(a!, span), set(b!, span)));
  declare('diff', 2, ([a, b], span) => difference(values, span, set(a!, span), set(b!, span)));
  declare('Union', 1, ([a], span) => union(values, span, [values.emptySet, ...setsIn(a!, span)]));
  declare('Inter', 1, ([a], span) => {
    const [first, ...rest] = setsIn(a!, span);
    return rest.reduce((both, next) => intersection(values, span, both, next), first ?? values.emptySet);
  });
  declare('member', 2, ([x, a], span) => contains(values, set(a!, span), x!));
  declare('card', 1, ([a], span) => elements(values, span, set(a!, span)).length);
  declare('empty', 1, ([a], span) => cardinality(set(a!, span)) === 0);
  declare('set', 1, ([s], span) => values.set(elementsOf(machine.sequence(s!, span))));
  declare('Set', 1, ([a], span) => setOf(values, span, { of: 'subsets', over: set(a!, span) }));
  declare('Seq', 1, ([a], span) => setOf(values, span, { of: 'sequences', over: set(a!, span) }));
  declare('seq', 1, ([a], span) => values.sequence(elements(values, span, set(a!, span))));

  // ── Sequences ───────────────────────────────────────────────────────────────────────────────────────────────────
  const cell = (name: string, value: Value, span: Span) => {
    const found = uncons(values, span, machine.sequence(value, span));
    if (found !== undefined) return found;
    throw fault('emptySequence', span, `${name} of the empty sequence. Test for null(s) first.`);
  };
  declare('head', 1, ([s], span) => cell('The head', s!, span).head);
  declare('tail', 1, ([s], span) => cell('The tail', s!, span).tail);
  declare('null', 1, ([s], span) => uncons(values, span, machine.sequence(s!, span)) === undefined);
  declare('length', 1, ([s], span) => itemsOf(machine.sequence(s!, span)).length);
  declare('elem', 2, ([x, s], span) => {
    for (const item of elementsOf(machine.sequence(s!, span))) if (areEqual(values, item, x!)) return true;
    return false;
  });
  declare('concat', 1, ([s], span) => {
    const join = (rest: Value): Stream =>
      new Stream(values, span, () => {
        const next = uncons(values, span, machine.sequence(rest, span));
        return next && concatenate(values, span, machine.sequence(next.head, span), () => join(next.tail));
      });
    return join(s!);
  });

  // ── Dots ────────────────────────────────────────────────────────────────────────────────────────────────────────
  const tagged = (value: Value, span: Span): Tagged => {
    if (typeof value === 'object' && value.kind === 'tagged') return value;
    throw machine.wrong('a channel or datatype value', value, span);
  };
  declare('extensions', 1, ([x], span) =>
    values.set(
      extensions(values, span, tagged(x!, span))
        .filter((items) => items.length > 0)
        .map((items) => values.dot(items)),
    ),
  );
  declare('productions', 1, ([x], span) =>
    values.set(elements(values, span, values.symbolic({ of: 'productions', prefix: tagged(x!, span) }))),
  );

  // ── Maps ────────────────────────────────────────────────────────────────────────────────────────────────────────
  const map = (value: Value, span: Span): MapValue => {
    if (typeof value === 'object' && value.kind === 'map') return value;
    throw machine.wrong('a map', value, span);
  };
  const pair = (value: Value, span: Span): readonly [Value, Value] => {
    if (typeof value === 'object' && value.kind === 'tuple' && value.items.length === 2) {
      return value.items as readonly [Value, Value];
    }
    throw machine.wrong('a pair', value, span);
  };
  const pairs = (value: Value, span: Span) =>
    [...elementsOf(machine.sequence(value, span))].map((item) => pair(item, span));
  declare('mapFromList', 1, ([s], span) => values.map(pairs(s!, span)));
  declare('mapMember', 2, ([m, k], span) => map(m!, span).entries.has(k!));
  declare('mapLookup', 2, ([m, k], span) => {
    const found = map(m!, span).entries.get(k!);
    if (found !== undefined) return found;
    throw fault('missingKey', span, `The map has no entry for ${print(k!, 60)}. Test with mapMember first.`);
  });
  declare('mapToList', 1, ([m], span) =>
    values.sequence([...map(m!, span).entries].map(([key, value]) => values.tuple([key, value]))),
  );
  declare('mapUpdate', 3, ([m, k, v], span) => values.map([...map(m!, span).entries, [k!, v!]]));
  declare('mapUpdateMultiple', 2, ([m, s], span) => values.map([...map(m!, span).entries, ...pairs(s!, span)]));
  declare('mapDelete', 2, ([m, k], span) => values.map([...map(m!, span).entries].filter(([key]) => key !== k)));
  declare('Map', 2, ([k, v], span) => setOf(values, span, { of: 'maps', keys: set(k!, span), values: set(v!, span) }));

  // ── Relations ───────────────────────────────────────────────────────────────────────────────────────────────────
  const relation = (value: Value, span: Span) =>
    elements(values, span, set(value, span)).map((item) => pair(item, span));
  declare('transpose', 1, ([r], span) => values.set(relation(r!, span).map(([a, b]) => values.tuple([b, a]))));
  declare('mtransclose', 2, ([r, a], span) => {
    const found = classes(relation(r!, span), elements(values, span, set(a!, span)));
    return values.set(found.map((both) => values.tuple(both)));
  });
  const image = (name: string, from: 0 | 1): void =>
    declare(name, 1, ([r], span) => {
      const all = relation(r!, span);
      const run: Run = ([x]) => values.set(all.filter((p) => p[from] === x).map((p) => p[1 - from]!));
      return new Builtin(name, 1, run, `builtin ${name}(${values.keyOf(r!)})`);
    });
  image('relational_image', 0);
  image('relational_inverse_image', 1);

  // ── Text ────────────────────────────────────────────────────────────────────────────────────────────────────────
  declare('show', 1, ([x]) => values.string(print(x!)));
  declare('error', 1, ([s], span) => {
    const text = [...elementsOf(machine.sequence(s!, span))].map((c) =>
      typeof c === 'object' && c.kind === 'char' ? c.text : print(c, 60),
    );
    throw fault('scriptError', span, `The script says: ${text.join('')}`);
  });

  // ── Processes ───────────────────────────────────────────────────────────────────────────────────────────────────
  const proc = (value: Value, span: Span): Process => machine.process(value, span);
  process('CHAOS', 1, ([a], span) => terms.chaos(machine.events(a!, span)));
  process('RUN', 1, ([a], span) => terms.run(machine.events(a!, span)));
  process('loop', 1, ([p], span) => loop(machine, proc(p!, span)));
  const eventPairs = (value: Value, span: Span) =>
    relation(value, span).map(([a, b]) => [machine.event(a, span), machine.event(b, span)] as const);
  const signals = { BUFFER: [], WEAK_BUFFER: ['whenFull'], SIGNAL_BUFFER: ['whenFull', 'whenEmpty'] } as const;
  for (const name of ['BUFFER', 'WEAK_BUFFER', 'SIGNAL_BUFFER'] as const) {
    process(name, signals[name].length + 2, (args, span) => {
      const [whenFull, whenEmpty] = signals[name].map((_, i) => machine.event(args[i + 1]!, span));
      const capacity = machine.number(args[0]!, span);
      return buffer(machine, { name, capacity, whenFull, whenEmpty, pairs: eventPairs(args.at(-1)!, span) }, span);
    });
  }
  for (const [name, by] of Object.entries(COMPRESSIONS)) {
    process(name, 1, ([p], span) => terms.compress(proc(p!, span), by));
  }
  for (const name of ['chase', 'chase_nocache']) process(name, 1, ([p], span) => terms.chase(proc(p!, span)));
  for (const name of ['prioritise', 'prioritise_nocache']) {
    process(name, 2, ([p, s], span) => {
      const order = [...elementsOf(machine.sequence(s!, span))].map((a) => machine.events(a, span));
      if (order.length > 0) return terms.prioritize(proc(p!, span), order);
      throw fault('badArgument', span, `${name} needs at least one set of events, and this sequence is empty.`);
    });
  }
  process('prioritisepo', 4, ([p, e, o, m], span) => {
    const order = {
      prioritized: machine.events(e!, span),
      above: eventPairs(o!, span),
      maximal: machine.events(m!, span),
    };
    return prioritizedBy(machine, proc(p!, span), order, span);
  });
  process('deter', 1, ([p], span) => determinized(machine, proc(p!, span), span));
  for (const [name, watchdog] of [
    ['trace_watchdog', traceWatchdog],
    ['failure_watchdog', failureWatchdog],
  ] as const) {
    process(name, 3, ([p, a, bark], span) => {
      const watch = {
        specification: proc(p!, span),
        events: machine.events(a!, span),
        bark: machine.event(bark!, span),
      };
      return watchdog(machine, watch, span);
    });
  }
}

const NOWHERE: Span = { file: 'builtin', line: 1, column: 1, endLine: 1, endColumn: 1 };

/** `loop(P)`: P again and again. */
function loop(machine: Machine, process: Process): Process {
  const { terms } = machine;
  const again: Process = terms.call(`loop ${process.id}`, () => terms.sequential(process, again), { name: 'loop' });
  return again;
}
