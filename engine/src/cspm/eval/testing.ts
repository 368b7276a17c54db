/** For the tests of this folder: scripts written in place, and what their expressions stand for. */
import type { Process } from '../../csp/index.ts';
import { EvaluationFault } from '../assertion.ts';
import { parse, parseExpression } from '../parser.ts';
import type { Expression } from '../syntax.ts';
import { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';

/** The evaluation of a script that must parse. */
export function script(source: string, options?: EvaluateOptions): Evaluation {
  const parsed = parse(source, { file: 'test.csp' });
  const [wrong] = parsed.diagnostics.filter((d) => d.severity === 'error');
  if (wrong !== undefined) throw new Error(`${wrong.span.line}:${wrong.span.column}: ${wrong.message}`);
  return evaluate(parsed.script, options);
}

export function expression(source: string): Expression {
  const { expression: parsed, diagnostics } = parseExpression(source, { file: 'expression' });
  if (parsed === undefined) throw new Error(`${source}: ${diagnostics[0]?.message}`);
  return parsed;
}

export function value(source: string, within = '', options?: EvaluateOptions): string {
  return script(within, options).value(expression(source));
}

/** The code of the fault that `run` ends in; nothing when it does not. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof EvaluationFault) return error.diagnostic.code;
    throw error;
  }
}

/** The body of a call, of the call it may be, and so on. */
export function unfolded(process: Process): Process {
  let body = process;
  for (let i = 0; i < 100 && body.kind === 'call'; i++) body = body.unfold();
  return body;
}

/** The names of the events that a process offers first, of its prefixes and choices only. */
export function offers(evaluation: Evaluation, process: Process): string[] {
  const body = unfolded(process);
  switch (body.kind) {
    case 'prefix':
      return body.branches.map((branch) => evaluation.terms.alphabet.nameOf(branch.event));
    case 'externalChoice':
    case 'internalChoice':
      return body.branches.flatMap((branch) => offers(evaluation, branch));
    default:
      return [];
  }
}
