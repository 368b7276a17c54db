/**
 * Types of processes: a process operator asks of each operand what the operand must be, and of events and channels that they are some.
 *
 * What is left to do stands in a list, so that only real nesting uses the stack.
 */
import type { Expression, Field, Link, RenamingPair } from '../../syntax.ts';
import { BOOL, dotOf, dotsOf, EVENT, EVENTS, PROC, sequenceOf, setOf, type Type } from '../type.ts';
import { check, checkStatements, infer } from './expressions.ts';
import type { Inference } from './inference.ts';
import { inferPattern } from './patterns.ts';

type Task = { readonly expression: Expression; readonly expected: Type } | (() => void);

/** Checks an expression that must be a process; each fault in it is reported by itself. */
export function checkProcess(expression: Expression, inference: Inference): void {
  const tasks: Task[] = [{ expression, expected: PROC }];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    const now = task;
    if (typeof now === 'function') inference.attempt(now, expression.span);
    else if (now.expected !== PROC)
      inference.attempt(
        () => check(now.expression, now.expected, 'this set of events', inference),
        now.expression.span,
      );
    else inference.attempt(() => checkOperator(now.expression, tasks, inference), now.expression.span);
  }
}

/** One process operator; its operands become tasks, which run in the order of the text. */
function checkOperator(process: Expression, tasks: Task[], inference: Inference): void {
  const next = (...todo: (Expression | Task)[]) => {
    for (let i = todo.length - 1; i >= 0; i--) {
      const each = todo[i]!;
      tasks.push(typeof each === 'function' || 'expected' in each ? each : { expression: each, expected: PROC });
    }
  };
  const events = (expression: Expression): Task => ({ expression, expected: EVENTS });
  switch (process.kind) {
    case 'paren':
      next(process.inner);
      return;
    case 'let':
      inference.checkLet(process);
      next(process.body);
      return;
    case 'if':
      next(process.consequent, process.alternative);
      check(process.condition, BOOL, 'a condition', inference);
      return;
    case 'guard':
      next(process.process);
      check(process.condition, BOOL, 'a guard', inference);
      return;
    case 'prefix':
      next(process.process);
      if (process.fields.length === 0) check(process.event, EVENT, 'the event of a prefix', inference);
      else checkPrefix(process.event, process.fields, inference);
      return;
    case 'externalChoice':
    case 'internalChoice':
    case 'slidingChoice':
    case 'interrupt':
    case 'sequential':
    case 'interleave':
      next(process.left, process.right);
      return;
    case 'exception':
    case 'generalizedParallel':
      next(process.left, process.right, events(process.events));
      return;
    case 'synchronizingChoice':
    case 'synchronizingInterrupt':
      next(process.left, events(process.events), process.right);
      return;
    case 'alphabetizedParallel':
      next(process.left, process.right, events(process.leftAlphabet), events(process.rightAlphabet));
      return;
    case 'hide':
    case 'project':
      next(process.process, events(process.events));
      return;
    case 'linkParallel':
      next(process.left, process.right, () => {
        checkStatements(process.statements, setOf, inference);
        checkPairs(
          process.links.map(({ left, right }) => [left, right]),
          inference,
        );
      });
      return;
    case 'rename':
      next(process.process, () => {
        checkStatements(process.statements, setOf, inference);
        checkPairs(
          process.pairs.map(({ from, to }: RenamingPair) => [from, to]),
          inference,
        );
      });
      return;
    case 'replicated': {
      const { operator } = process;
      if (operator.of === 'generalizedParallel' || operator.of === 'synchronizingChoice') {
        next(events(operator.events), () => checkStatements(process.statements, setOf, inference), process.body);
        return;
      }
      const ordered = operator.of === 'sequential' || operator.of === 'linkParallel';
      next(() => checkStatements(process.statements, ordered ? sequenceOf : setOf, inference));
      const first = tasks.pop()!;
      if (operator.of === 'alphabetizedParallel') next(first, events(operator.alphabet), process.body);
      else if (operator.of === 'linkParallel') {
        next(
          first,
          () => {
            checkStatements(operator.statements, setOf, inference);
            checkPairs(
              operator.links.map(({ left, right }: Link) => [left, right]),
              inference,
            );
          },
          process.body,
        );
      } else next(first, process.body);
      return;
    }
    default:
      inference.expect(process.span, PROC, infer(process, inference), 'a process');
  }
}

function checkPrefix(event: Expression, fields: readonly Field[], inference: Inference): void {
  for (const field of fields) if (field.kind !== 'output') inference.introduce(field.pattern);
  const channel = infer(event, inference);
  const types = fields.map((field) => {
    if (field.kind === 'output') return infer(field.expression, inference);
    const from = field.from === undefined ? undefined : infer(field.from, inference);
    const type = inferPattern(field.pattern, inference);
    if (from !== undefined) inference.expect(field.span, setOf(type), from, 'the set of this input');
    inference.require(field.span, 'Complete', type, 'an input');
    return type;
  });
  const first = fields[0]!.span;
  const last = fields[fields.length - 1]!.span;
  const span = { ...event.span, endLine: last.endLine, endColumn: last.endColumn };
  inference.expect(
    first.file === last.file ? span : event.span,
    EVENT,
    dotOf(channel, dotsOf(types)),
    'the event of a prefix',
  );
}

function checkPairs(pairs: readonly (readonly [Expression, Expression])[], inference: Inference): void {
  const lefts = pairs.map(([left]) => {
    const channel: Type = { kind: 'extendable', to: EVENT, by: inference.variables.fresh() };
    return inference.expect(left.span, channel, infer(left, inference), 'a channel');
  });
  pairs.forEach(([, right], i) => {
    inference.expect(right.span, lefts[i]!, infer(right, inference), 'the other side of this pair');
  });
}
