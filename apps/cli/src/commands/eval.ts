/** `csp eval FILE EXPRESSION`: the value of an expression in the scope of a script, printed as CSPM. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';

export interface Flags {
  readonly json: boolean;
}

export const evalCommand = buildCommand<Flags, [string, string], Context>({
  docs: {
    brief: 'Print the value of an expression',
    fullDescription: [
      "  csp eval models/philosophers.csp 'next(4)'",
      "  csp eval models/negotiation.csp 'card({| pay |})'",
      "  csp eval models/philosophers.csp 'PHILOSOPHER(0)'",
      '',
      'Evaluates EXPRESSION in the scope of FILE and prints the value as CSPM; for a process, also the definitions it refers to, a hundred at most.',
      'Exit status: 0 evaluated, 3 no such file, 5 the script or the expression is wrong.',
    ].join('\n'),
  },
  parameters: {
    flags: { json: { kind: 'boolean', default: false, brief: 'Print one JSON document' } },
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'The script', parse: String, placeholder: 'FILE' },
        { brief: 'A CSPM expression', parse: String, placeholder: 'EXPRESSION' },
      ],
    },
  },
  loader: async () => (await import('../actions/eval.ts')).evaluateExpression,
});
