/** `csp replay FILE TRACE`: whether reported counterexamples hold against a script, by the firing rules alone. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { positive } from '../flags.ts';

export interface Flags {
  readonly json: boolean;
  readonly timeout: number | undefined;
}

export const replayCommand = buildCommand<Flags, [string, string], Context>({
  docs: {
    brief: 'Re-validate counterexamples against a script',
    fullDescription: [
      '  csp check models/philosophers.csp --json > report.json',
      '  csp replay models/philosophers.csp report.json',
      '',
      'Replays every counterexample of TRACE, which `csp check --json` or `csp explain --json` wrote, against FILE. Nothing is searched: the firing',
      'rules alone decide, so this does not rest on what found them.',
      'Exit status: 0 all are valid, 1 one is not, 3 no such file, 5 the script or TRACE is wrong, 8 undecided in time.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'The script', parse: String, placeholder: 'FILE' },
        { brief: 'The report, as JSON', parse: String, placeholder: 'TRACE' },
      ],
    },
    flags: {
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
      timeout: { kind: 'parsed', parse: positive, optional: true, brief: 'Seconds for all of them' },
    },
  },
  loader: async () => (await import('../actions/replay.ts')).replayCounterexamples,
});
