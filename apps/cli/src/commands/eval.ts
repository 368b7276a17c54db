/** `csp eval FILE EXPRESSION`: the value of an expression in the scope of a script, printed as CSPM. */

import { load, reported } from '@enhanced-csp/engine';
import { EvaluationFault, parseExpression } from '@enhanced-csp/engine/cspm';
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { includeFrom, readScript } from '../script-file.ts';

export const evalCommand = buildCommand<Record<never, never>, [string, string], Context>({
  docs: {
    brief: 'Print the value of an expression',
    fullDescription: [
      'Evaluates EXPRESSION in the scope of FILE and prints the value as CSPM.',
      '',
      "  csp eval models/philosophers.csp 'next(4)'",
      "  csp eval models/negotiation.csp 'card({| pay |})'",
      '',
      'Exit status: 0 evaluated, 3 no such file, 5 the script or the expression is wrong.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'The script', parse: String, placeholder: 'FILE' },
        { brief: 'A CSPM expression', parse: String, placeholder: 'EXPRESSION' },
      ],
    },
  },
  func(_flags, file, text) {
    const { evaluation, diagnostics } = load(readScript(file), { file, include: includeFrom });
    const parsed = parseExpression(text, { file: 'EXPRESSION' });
    const errors = [...diagnostics, ...parsed.diagnostics].filter((d) => d.severity === 'error').map(reported);
    if (evaluation === undefined || parsed.expression === undefined || errors.length > 0)
      throw new CommandFailed(
        EXIT.invalidInput,
        errors.map((d) => `${d.file}:${d.line}:${d.column}: ${d.code} ${d.message}`).join('\n'),
      );
    try {
      this.print(evaluation.value(parsed.expression));
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      throw new CommandFailed(EXIT.invalidInput, error.message, { cause: error });
    }
  },
});
