/** `csp explain FILE`: the whole story of one assertion that fails. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { ordinal, positive } from '../flags.ts';

export interface Flags {
  readonly assert: number | undefined;
  readonly shrink: boolean;
  readonly json: boolean;
  readonly timeout: number | undefined;
  readonly maxStates: number | undefined;
}

export const explainCommand = buildCommand<Flags, [string], Context>({
  docs: {
    brief: 'Tell the whole story of a counterexample',
    fullDescription: [
      '  csp explain models/philosophers.csp',
      '  csp explain models/negotiation.csp --assert 5',
      '  csp explain models/philosophers.csp --shrink',
      '',
      'Decides the assertions of FILE and explains a counterexample: in words, as a sequence chart with what each hidden step was, and as each',
      'component sees it; who waits for whom, and where in the script they stand. Without --assert, the first counterexample.',
      'With --shrink, numbers at the top of FILE (constants; ranges and sets in types) are made smaller, each from its least value up, for as long as',
      'the assertion fails in the same way; at most 200 checks within --timeout. It is told with those numbers, and with the least of its shortest traces (V and R: the one found).',
      'Exit status: 0 it holds, 1 it fails, 3 no such file or assertion, 5 the script is wrong, 8 undecided within the limits.',
    ].join('\n'),
  },
  parameters: {
    positional: { kind: 'tuple', parameters: [{ brief: 'The script', parse: String, placeholder: 'FILE' }] },
    flags: {
      assert: { kind: 'parsed', parse: ordinal, optional: true, brief: 'Which assertion, counted from 1' },
      shrink: { kind: 'boolean', default: false, brief: 'Find the least data for which it fails' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
      timeout: { kind: 'parsed', parse: positive, optional: true, brief: 'Seconds for the whole script' },
      maxStates: { kind: 'parsed', parse: positive, optional: true, brief: 'States for each assertion' },
    },
  },
  loader: async () => (await import('../actions/explain.ts')).explainAssertion,
});
