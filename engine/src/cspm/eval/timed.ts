/**
 * Timed sections: `Timed(f) { … }` inserts the passing of time, the event `tock`, into ordinary CSP.
 *
 * A prefix waits: it allows tock for as long as its event is not taken, and after an event `e` there are `f(e)` tocks. `STOP` and `SKIP` let time pass.
 * Whatever runs side by side agrees on tock, and tock decides no choice. FDR manual, "Timed CSP".
 */
import type { EventId, EventSet, Process, Span } from '../../csp/index.ts';
import { eventSet } from '../../csp/index.ts';
import type * as Syntax from '../syntax.ts';
import { fault } from './codes.ts';
import type { Compiler } from './compiler.ts';
import { applied, Builtin } from './function.ts';
import type { Machine } from './machine.ts';
import { type Scope, Unit } from './scope.ts';
import { functionTo, PROCESS } from './shape.ts';
import { force, Thunk } from './thunk.ts';
import type { Value } from './value.ts';

/** How time passes in a part of a script. */
export interface Timing {
  tock(): EventId;
  /** Tocks after an event. */
  duration(event: Value): number;
}

/** The scope of a timed section inside `scope`: `STOP`, `SKIP`, `WAIT` and `timed_priority` are those of its tock. */
export function timedScope(compiler: Compiler, section: Syntax.TimedSection, scope: Scope): Scope {
  const { machine } = compiler;
  const { values, terms } = machine;
  const { span } = section;
  const inner = scope.inner();
  const timing: Timing = {
    tock() {
      const binding = scope.find(['tock']);
      if (binding?.kind !== 'global' || binding.constructorOf?.isChannel !== true) {
        throw fault('unknownName', span, 'A timed section needs the event tock. Declare it: `channel tock`.');
      }
      return machine.event(force(binding.slot()), span);
    },
    duration: () => 1,
  };
  if (section.duration !== undefined) {
    const written = section.duration;
    const duration = new Thunk(written.span, 'this duration', () => {
      const unit = new Unit(undefined);
      return compiler.expression(written, scope.inner(unit))(unit.enter([]));
    });
    timing.duration = (event) => {
      const tocks = machine.number(applied(duration.force(), [event], written.span), written.span);
      if (tocks >= 0) return tocks;
      throw fault('badArgument', written.span, `An event cannot take ${tocks} units of time; use 0 or more.`);
    };
  }
  inner.timing = timing;

  const constant = (name: string, process: () => Process): void => {
    const thunk = new Thunk(span, name, () => values.process(process()));
    inner.define(name, { kind: 'global', name, shape: () => PROCESS, slot: () => thunk });
  };
  const unary = (name: string, run: (argument: Value, at: Span) => Process): void => {
    const value = new Builtin(name, 1, ([argument], at) => values.process(run(argument!, at)), `timed ${name}`);
    inner.define(name, { kind: 'global', name, shape: () => functionTo(() => PROCESS), slot: () => value });
  };
  constant('STOP', () => timedStop(machine, timing));
  constant('SKIP', () => timedSkip(machine, timing));
  unary('WAIT', (tocks, at) => after(machine, timing, machine.number(tocks, at), timedSkip(machine, timing)));
  unary('timed_priority', (process, at) => terms.prioritize(machine.process(process, at), [[], [timing.tock()]]));
  return inner;
}

/** Time passes, nothing else. */
export function timedStop({ terms }: Machine, timing: Timing): Process {
  const tock = timing.tock();
  const stop: Process = terms.call(`timed STOP ${tock}`, () => terms.prefix(tock, stop), { name: 'STOP' });
  return stop;
}

/** Time passes until it terminates. */
export function timedSkip({ terms }: Machine, timing: Timing): Process {
  const tock = timing.tock();
  const skip: Process = terms.call(
    `timed SKIP ${tock}`,
    () => terms.externalChoice([terms.prefix(tock, skip), terms.skip]),
    { name: 'SKIP' },
  );
  return skip;
}

/** The choice of the environment; where there is time, tock decides nothing. */
export function chosen(machine: Machine, timing: Timing | undefined, branches: readonly Process[]): Process {
  if (timing === undefined) return machine.terms.externalChoice(branches);
  if (branches.length === 0) return timedStop(machine, timing);
  return machine.terms.synchronizingChoice(branches, [timing.tock()]);
}

/** `process` after some tocks. */
export function after({ terms }: Machine, timing: Timing, tocks: number, process: Process): Process {
  let delayed = process;
  for (let i = 0; i < tocks; i++) delayed = terms.prefix(timing.tock(), delayed);
  return delayed;
}

/** A prefix that lets time pass while it waits. */
export function waiting({ terms }: Machine, timing: Timing, prefix: Process, span: Span): Process {
  const tock = timing.tock();
  const branches = prefix.kind === 'prefix' ? prefix.branches : [];
  const wait: Process = terms.call(
    `timed ${tock} ${prefix.id}`,
    () => terms.prefixChoice([{ event: tock, next: wait }, ...branches]),
    { span },
  );
  return wait;
}

export function withTock(timing: Timing, events: EventSet): EventSet {
  return eventSet([...events, timing.tock()]);
}
