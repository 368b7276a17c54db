/** The operators on processes: each expression becomes the term of the same name. */

import type { EventId, EventSet, Process, Span } from '../../csp/index.ts';
import { eventSet } from '../../csp/index.ts';
import type { Expression, Link, RenamingPair, Statement } from '../syntax.ts';
import { fault } from './codes.ts';
import type { Compiler } from './compiler.ts';
import { dotted } from './dots.ts';
import { extensions } from './extent.ts';
import type { Machine } from './machine.ts';
import { compilePrefix } from './prefix.ts';
import type { Frame, Scope } from './scope.ts';
import { compileEach } from './statement.ts';
import { chosen, type Timing, timedSkip, timedStop, withTock } from './timed.ts';
import type { Value } from './value.ts';

export type ProcessExpression = Extract<
  Expression,
  {
    readonly kind:
      | 'prefix'
      | 'guard'
      | 'externalChoice'
      | 'internalChoice'
      | 'slidingChoice'
      | 'interrupt'
      | 'exception'
      | 'sequential'
      | 'interleave'
      | 'generalizedParallel'
      | 'alphabetizedParallel'
      | 'linkParallel'
      | 'synchronizingChoice'
      | 'synchronizingInterrupt'
      | 'hide'
      | 'project'
      | 'rename'
      | 'replicated';
  }
>;

type ProcessCode = (frame: Frame) => Process;

export function compileProcess(compiler: Compiler, expression: ProcessExpression, scope: Scope): ProcessCode {
  const { machine } = compiler;
  const { terms } = machine;
  const process = (e: Expression): ProcessCode => compiler.process(e, scope);
  const events = (e: Expression): ((frame: Frame) => EventSet) => compiler.events(e, scope);
  const { timing } = scope;
  const agreed = (e: Expression): ((frame: Frame) => EventSet) => agreedEvents(compiler, e, scope);

  switch (expression.kind) {
    case 'prefix':
      return compilePrefix(compiler, expression, scope);
    case 'guard': {
      const condition = compiler.expression(expression.condition, scope);
      const body = process(expression.process);
      const { span } = expression.condition;
      return (frame) => (machine.boolean(condition(frame), span) ? body(frame) : idle(machine, timing));
    }
    case 'externalChoice': {
      const branches = chain(expression, 'externalChoice').map(process);
      return (frame) =>
        chosen(
          machine,
          timing,
          branches.map((branch) => branch(frame)),
        );
    }
    case 'internalChoice': {
      const branches = chain(expression, 'internalChoice').map(process);
      return (frame) => terms.internalChoice(branches.map((branch) => branch(frame)));
    }
    case 'interleave': {
      const components = chain(expression, 'interleave').map(process);
      return (frame) =>
        interleaved(
          machine,
          timing,
          components.map((component) => component(frame)),
        );
    }
    case 'interrupt': {
      const [left, right] = [process(expression.left), process(expression.right)];
      if (timing === undefined) return (frame) => terms.interrupt(left(frame), right(frame));
      return (frame) => terms.synchronizingInterrupt(left(frame), [timing.tock()], right(frame));
    }
    case 'slidingChoice':
    case 'sequential': {
      const [left, right] = [process(expression.left), process(expression.right)];
      const { kind } = expression;
      return (frame) => terms[kind](left(frame), right(frame));
    }
    case 'exception': {
      const [left, right, handing] = [process(expression.left), process(expression.right), events(expression.events)];
      return (frame) => terms.exception(left(frame), handing(frame), right(frame));
    }
    case 'generalizedParallel': {
      const [left, right, shared] = [process(expression.left), process(expression.right), agreed(expression.events)];
      return (frame) => terms.generalizedParallel([left(frame), right(frame)], shared(frame));
    }
    case 'alphabetizedParallel': {
      const [left, right] = [process(expression.left), process(expression.right)];
      const [leftAlphabet, rightAlphabet] = [agreed(expression.leftAlphabet), agreed(expression.rightAlphabet)];
      return (frame) =>
        terms.alphabetizedParallel([
          { process: left(frame), alphabet: leftAlphabet(frame) },
          { process: right(frame), alphabet: rightAlphabet(frame) },
        ]);
    }
    case 'synchronizingChoice': {
      const [left, right, shared] = [process(expression.left), process(expression.right), agreed(expression.events)];
      return (frame) => terms.synchronizingChoice([left(frame), right(frame)], shared(frame));
    }
    case 'synchronizingInterrupt': {
      const [left, right, shared] = [process(expression.left), process(expression.right), agreed(expression.events)];
      return (frame) => terms.synchronizingInterrupt(left(frame), shared(frame), right(frame));
    }
    case 'hide':
    case 'project': {
      const [body, set] = [process(expression.process), events(expression.events)];
      const { kind } = expression;
      return (frame) => terms[kind](body(frame), set(frame));
    }
    case 'rename': {
      const body = process(expression.process);
      const inner = scope.inner();
      const pairs = compilePairs(compiler, expression.pairs, expression.statements, inner);
      return (frame) => {
        const relation = pairs(frame);
        return relation.length === 0 ? body(frame) : terms.rename(body(frame), relation);
      };
    }
    case 'linkParallel': {
      const [left, right] = [process(expression.left), process(expression.right)];
      const ties = compileLinks(compiler, expression.links, expression.statements, scope.inner(), expression.span);
      return (frame) => linked(machine, timing, left(frame), ties(frame), right(frame));
    }
    case 'replicated':
      return compileReplicated(compiler, expression, scope);
  }
}

/** `P [] Q [] R` as one choice of three: the operator is associative. */
function chain(expression: Expression, kind: 'externalChoice' | 'internalChoice' | 'interleave'): Expression[] {
  const operands: Expression[] = [];
  const waiting: Expression[] = [expression];
  while (waiting.length > 0) {
    const next = waiting.pop()!;
    if (next.kind === 'paren' && next.inner.kind === kind) waiting.push(next.inner);
    else if (next.kind === kind) waiting.push(next.right, next.left);
    else operands.push(next);
  }
  return operands;
}

function compileReplicated(
  compiler: Compiler,
  expression: Expression & { kind: 'replicated' },
  around: Scope,
): ProcessCode {
  const { machine } = compiler;
  const { terms } = machine;
  const { timing } = around;
  const { operator, span } = expression;
  const scope = around.inner();
  const shared =
    operator.of === 'generalizedParallel' || operator.of === 'synchronizingChoice'
      ? agreedEvents(compiler, operator.events, around)
      : undefined;
  const each = compileEach(compiler, expression.statements, scope);

  if (operator.of === 'alphabetizedParallel') {
    const alphabet = agreedEvents(compiler, operator.alphabet, scope);
    const body = compiler.process(expression.body, scope);
    return (frame) => {
      const components: { process: Process; alphabet: EventSet }[] = [];
      each(frame, (f) => components.push({ alphabet: alphabet(f), process: body(f) }));
      return components.length === 0 && timing !== undefined
        ? timedStop(compiler.machine, timing)
        : terms.alphabetizedParallel(components);
    };
  }
  if (operator.of === 'linkParallel') {
    const links = compileLinks(compiler, operator.links, operator.statements, scope.inner(), span);
    const body = compiler.process(expression.body, scope);
    return (frame) => {
      const components: { process: Process; ties: readonly Tie[] }[] = [];
      each(frame, (f) => components.push({ process: body(f), ties: links(f) }));
      const last = components.pop();
      if (last === undefined) {
        throw fault('emptyChoice', span, 'A linked parallel needs at least one process, and this sequence is empty.');
      }
      return components.reduceRight(
        (rest, { process, ties }) => linked(machine, timing, process, ties, rest),
        last.process,
      );
    };
  }

  const body = compiler.process(expression.body, scope);
  const all: (frame: Frame) => Process[] = (frame) => {
    const processes: Process[] = [];
    each(frame, (f) => processes.push(body(f)));
    return processes;
  };
  switch (operator.of) {
    case 'externalChoice':
      return (frame) => chosen(machine, timing, all(frame));
    case 'internalChoice':
      return (frame) => {
        const branches = all(frame);
        if (branches.length > 0) return terms.internalChoice(branches);
        throw fault('emptyChoice', span, 'An internal choice needs at least one process, and this set is empty.');
      };
    case 'interleave':
      return (frame) => interleaved(machine, timing, all(frame));
    case 'sequential':
      return (frame) => {
        const processes = all(frame);
        const last = processes.pop() ?? (timing === undefined ? terms.skip : timedSkip(machine, timing));
        return processes.reduceRight((rest, process) => terms.sequential(process, rest), last);
      };
    case 'generalizedParallel':
      return (frame) => {
        const components = all(frame);
        if (components.length === 0 && timing !== undefined) return timedStop(machine, timing);
        return terms.generalizedParallel(components, shared!(frame));
      };
    case 'synchronizingChoice':
      return (frame) => {
        const branches = all(frame);
        return branches.length === 0 ? idle(machine, timing) : terms.synchronizingChoice(branches, shared!(frame));
      };
  }
}

/** Nothing to do: time may pass, where there is time. */
function idle(machine: Machine, timing: Timing | undefined): Process {
  return timing === undefined ? machine.terms.stop : timedStop(machine, timing);
}

function interleaved(machine: Machine, timing: Timing | undefined, components: readonly Process[]): Process {
  if (timing === undefined) return machine.terms.interleave(components);
  if (components.length === 0) return timedStop(machine, timing);
  return machine.terms.generalizedParallel(components, [timing.tock()]);
}

/** The events that processes side by side agree on: tock too, where there is time. */
function agreedEvents(compiler: Compiler, expression: Expression, scope: Scope): (frame: Frame) => EventSet {
  const events = compiler.events(expression, scope);
  const { timing } = scope;
  return timing === undefined ? events : (frame) => withTock(timing, events(frame));
}

type Tie = readonly [left: EventId, right: EventId];

/** Pairs of whole events: `a <- b` for channels stands for all pairs with equal fields after them. */
function compilePairs(
  compiler: Compiler,
  pairs: readonly RenamingPair[],
  statements: readonly Statement[],
  scope: Scope,
): (frame: Frame) => Tie[] {
  const { machine } = compiler;
  const { values } = machine;
  const each = compileEach(compiler, statements, scope);
  const compiled = pairs.map(({ from, to }) => ({
    from: compiler.expression(from, scope),
    to: compiler.expression(to, scope),
    fromSpan: from.span,
    toSpan: to.span,
  }));
  return (frame) => {
    const found: Tie[] = [];
    each(frame, (f) => {
      for (const { from, to, fromSpan, toSpan } of compiled) {
        const [left, right] = [from(f), to(f)];
        for (const items of extensionsOf(left, fromSpan)) {
          const extend = (base: Value, span: Span): EventId => {
            let whole = base;
            for (const item of items) whole = dotted(values, span, whole, item);
            return machine.event(whole, span);
          };
          found.push([extend(left, fromSpan), extend(right, toSpan)]);
        }
      }
    });
    return found;
  };

  function extensionsOf(value: Value, span: Span): readonly (readonly Value[])[] {
    if (typeof value === 'object' && value.kind === 'tagged') return extensions(values, span, value);
    throw machine.wrong('an event', value, span);
  }
}

function compileLinks(
  compiler: Compiler,
  links: readonly Link[],
  statements: readonly Statement[],
  scope: Scope,
  span: Span,
): (frame: Frame) => readonly Tie[] {
  const pairs = links.map((link) => ({ span: link.span, from: link.left, to: link.right }));
  const compiled = compilePairs(compiler, pairs, statements, scope);
  const { alphabet } = compiler.machine.terms;
  return (frame) => {
    const ties = compiled(frame);
    for (const side of [0, 1] as const) {
      const seen = new Set<EventId>();
      for (const tie of ties) {
        if (seen.has(tie[side])) {
          const name = alphabet.nameOf(tie[side]);
          throw fault('ambiguousEvent', span, `${name} is linked twice on one side; link each event once.`);
        }
        seen.add(tie[side]);
      }
    }
    return ties;
  };
}

/**
 * `P [a <-> b] Q`: both sides are renamed to events of the link's own, agree on them, and these are hidden.
 * The name of such an event is no CSPM name, so a script cannot mention it; a link inside P has hidden its own before it could meet this one.
 */
function linked(
  { terms }: Machine,
  timing: Timing | undefined,
  left: Process,
  ties: readonly Tie[],
  right: Process,
): Process {
  const { alphabet } = terms;
  const links = ties.map(([a, b]) => alphabet.intern(`${alphabet.nameOf(a)} <-> ${alphabet.nameOf(b)}`));
  const hidden = eventSet(links);
  const shared = timing === undefined ? hidden : withTock(timing, hidden);
  const renamedLeft = terms.rename(
    left,
    ties.map(([a], i) => [a, links[i]!] as const),
  );
  const renamedRight = terms.rename(
    right,
    ties.map(([, b], i) => [b, links[i]!] as const),
  );
  return terms.hide(terms.generalizedParallel([renamedLeft, renamedRight], shared), hidden);
}
