/**
 * The operational semantics: the steps of a process, by the firing rules of its operators.
 *
 * Calls are transparent. A call met while its own first steps are being computed fires a tau to itself instead: so `P = P` diverges, `P = P [] Q` may
 * also do what Q does, and `P = P ||| Q` has infinitely many states that are found one by one, not all at once.
 *
 * Invariants:
 *   - steps that rest on such a tau are remembered only for the call that fires it. Of several calls that need each other it is the one asked first: the
 *     transitions differ then, the meaning does not, since all of them diverge;
 *   - no duplicates; the order is that of the rules and of the arguments;
 *   - no recursion of our own, so that a deep term costs memory and not the machine's stack.
 */
import { TAU } from './events.ts';
import type { Spend } from './limit.ts';
import { operatorOf } from './operators/index.ts';
import type { Process, Span, Transition } from './process.ts';
import type { Terms } from './terms.ts';

/** Nested operators and calls looked through to find one step. */
const NESTING_MAX = 20_000;

/**
 * The steps of `process`, each pair of event and target once. Remembered: asking again costs a lookup.
 *
 * Throws `UnboundedNesting` when a step is buried under more than 20,000 operators or calls, as in `P(n) = P(n+1)`, and whatever evaluating the
 * body of a call throws. Nothing is left half done: later questions are answered. `spend` hears of the work while it is done, since one step of a
 * large term may take long, and may throw to end it.
 *
 * @example
 * const terms = new Terms(new Alphabet());
 * const a = terms.alphabet.intern('a');
 * transitions(terms, terms.prefix(a, terms.stop)); // [{ event: a, target: terms.stop }]
 */
export function transitions(terms: Terms, process: Process, spend: Spend = FREE): readonly Transition[] {
  let known = knownOf.get(terms);
  if (known === undefined) knownOf.set(terms, (known = []));
  return known[process.id] ?? derive(terms, process, known, spend);
}

const FREE: Spend = () => {};

/** Operands from which on the making of one target counts. */
const MANY = 64;

/** Steps by id of term, one table a store. */
type Known = (readonly Transition[] | undefined)[];
const knownOf = new WeakMap<Terms, Known>();

/** A term whose steps are being computed: `operands` before `next` are done, and their steps in `steps`. */
interface Frame {
  readonly process: Process;
  readonly operands: readonly Process[];
  next: number;
  readonly steps: Map<Process, readonly Transition[]>;
  /** The least depth of an open call whose own tau was used so far. */
  restsOn: number;
}

function derive(terms: Terms, process: Process, known: Known, spend: Spend): readonly Transition[] {
  const open: Frame[] = [frameOf(process)];
  const openCalls = new Map<Process, number>();
  if (process.kind === 'call') openCalls.set(process, 0);

  for (;;) {
    const frame = open.at(-1)!;
    const operand = frame.operands[frame.next];
    if (operand !== undefined) {
      const calledAt = openCalls.get(operand);
      let steps = known[operand.id];
      if (steps === undefined && calledAt !== undefined) {
        steps = [{ event: TAU, target: operand }];
        frame.restsOn = Math.min(frame.restsOn, calledAt);
      }
      if (steps === undefined) {
        if (open.length === NESTING_MAX) throw new UnboundedNesting([...openCalls.keys()].at(-1));
        if (operand.kind === 'call') openCalls.set(operand, open.length);
        open.push(frameOf(operand));
      } else {
        frame.steps.set(operand, steps);
        frame.next++;
      }
      continue;
    }

    spend(1);
    const found = distinct(
      operatorOf(frame.process).fire(frame.process, (argument) => frame.steps.get(argument)!, terms),
      frame.operands.length,
      spend,
    );
    open.pop();
    openCalls.delete(frame.process);
    const self = open.length;
    if (frame.restsOn >= self) known[frame.process.id] = found;
    const parent = open.at(-1);
    if (parent === undefined) return found;
    parent.steps.set(frame.process, found);
    parent.next++;
    if (frame.restsOn < self) parent.restsOn = Math.min(parent.restsOn, frame.restsOn);
  }
}

function frameOf(process: Process): Frame {
  const operands = operatorOf(process).running(process);
  return { process, operands, next: 0, steps: new Map(), restsOn: Number.POSITIVE_INFINITY };
}

/** A target of many operands takes as long to make as they are many. */
function distinct(transitions: Iterable<Transition>, operands: number, spend: Spend): readonly Transition[] {
  const found = new Map<number, Transition>();
  for (const transition of transitions) {
    // Ids of terms stay far below 2^32, and so does the sum below 2^53.
    found.set(transition.event * 2 ** 32 + transition.target.id, transition);
    if (operands > MANY) spend(operands >> 4);
  }
  return [...found.values()];
}

/** A step is buried too deeply: most often a recursion with no event before it. */
export class UnboundedNesting extends Error {
  readonly code = 'CSP-SEM-001';
  /** The process that was being unfolded, and where it was written, when it is a definition. */
  readonly process: string | undefined;
  readonly span: Span | undefined;

  constructor(process: Process | undefined) {
    const name = process?.kind === 'call' ? process.name : undefined;
    super(
      `${name ?? 'a process'} is nested under more than ${NESTING_MAX} operators before its first step: ` +
        'guard the recursion with an event, or bound its parameter',
    );
    this.name = 'UnboundedNesting';
    this.process = name;
    this.span = process?.kind === 'call' ? process.span : undefined;
  }
}
