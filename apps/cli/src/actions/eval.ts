/** The work of `csp eval`, loaded when the command is called. */
import { load, reported } from '@enhanced-csp/engine';
import { type Equation, equations, type Process } from '@enhanced-csp/engine/csp';
import { type Evaluation, EvaluationFault, parseExpression, type Syntax } from '@enhanced-csp/engine/cspm';
import type { Flags } from '../commands/eval.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { includeFrom, readScript } from '../script-file.ts';

export function evaluateExpression(this: Context, { json }: Flags, file: string, text: string): void {
  const { evaluation, diagnostics } = load(readScript(file), { file, include: includeFrom });
  const parsed = parseExpression(text, { file: 'EXPRESSION' });
  const errors = [...diagnostics, ...parsed.diagnostics].filter((d) => d.severity === 'error').map(reported);
  if (evaluation === undefined || parsed.expression === undefined || errors.length > 0)
    throw new CommandFailed(
      EXIT.invalidInput,
      errors.map((d) => `${d.file}:${d.line}:${d.column}: ${d.code} ${d.message}`).join('\n'),
    );
  try {
    const value = evaluation.value(parsed.expression);
    const defined = definitions(evaluation, parsed.expression);
    if (json) this.print(JSON.stringify({ file, expression: text, value, definitions: defined }));
    else for (const line of [value, ...defined.map(({ name, body }) => `${name} = ${body}`)]) this.print(line);
  } catch (error) {
    if (!(error instanceof EvaluationFault)) throw error;
    throw new CommandFailed(EXIT.invalidInput, error.message, { cause: error });
  }
}

/** What a process refers to, one equation a name; nothing for other values. */
function definitions(evaluation: Evaluation, expression: Syntax.Expression): readonly Equation[] {
  let process: Process;
  try {
    process = evaluation.process(expression);
  } catch (error) {
    // Not a process: its value has been printed.
    if (error instanceof EvaluationFault) return [];
    throw error;
  }
  return equations(evaluation.terms, process);
}
