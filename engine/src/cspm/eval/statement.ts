/** The statements of comprehensions and replicated operators: generators and conditions. */
import type * as Syntax from '../syntax.ts';
import { ELEMENT_CALLS } from './budget.ts';
import type { Compiler } from './compiler.ts';
import { compilePattern } from './pattern.ts';
import type { Frame, Scope } from './scope.ts';
import { rangeOf } from './sets.ts';

/** Runs `body` once for each way to satisfy the statements, in order. */
export type Each = (frame: Frame, body: (frame: Frame) => void) => void;
/** The same, one way at a time: `frame` holds one after each step. */
export type Ways = (frame: Frame) => Iterable<void>;

/** Compiles statements. The names they bind are declared in `scope`, for what is compiled after them. */
export function compileEach(compiler: Compiler, statements: readonly Syntax.Statement[], scope: Scope): Each {
  const { machine } = compiler;
  const steps = statements.map((statement): ((rest: Each) => Each) => {
    if (statement.kind === 'condition') {
      const condition = compiler.expression(statement.expression, scope);
      return (rest) => (frame, body) => {
        if (machine.boolean(condition(frame), statement.span)) rest(frame, body);
      };
    }
    const from = compiler.expression(statement.from, scope);
    const match = compilePattern(machine.values, statement.pattern, scope);
    return (rest) => (frame, body) => {
      for (const item of rangeOf(machine.values, statement.from.span, from(frame))) {
        machine.budget.step(statement.span, ELEMENT_CALLS);
        if (match(item, frame)) rest(frame, body);
      }
    };
  });
  return steps.reduceRight<Each>(
    (rest, step) => step(rest),
    (frame, body) => body(frame),
  );
}

/** As `compileEach`, for sequences that are read lazily. Give it a frame that nothing else writes. */
export function compileWays(compiler: Compiler, statements: readonly Syntax.Statement[], scope: Scope): Ways {
  const { machine } = compiler;
  const steps = statements.map((statement): ((rest: Ways) => Ways) => {
    if (statement.kind === 'condition') {
      const condition = compiler.expression(statement.expression, scope);
      return (rest) =>
        function* (frame) {
          if (machine.boolean(condition(frame), statement.span)) yield* rest(frame);
        };
    }
    const from = compiler.expression(statement.from, scope);
    const match = compilePattern(machine.values, statement.pattern, scope);
    return (rest) =>
      function* (frame) {
        for (const item of rangeOf(machine.values, statement.from.span, from(frame))) {
          machine.budget.step(statement.span, ELEMENT_CALLS);
          if (match(item, frame)) yield* rest(frame);
        }
      };
  });
  return steps.reduceRight<Ways>(
    (rest, step) => step(rest),
    function* () {
      yield;
    },
  );
}
