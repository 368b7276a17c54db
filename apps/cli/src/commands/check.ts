/** `csp check FILE`: every assertion of a script, with its verdict and, where one fails, the counterexample as a sequence chart. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { positive } from '../flags.ts';

export interface Flags {
  readonly json: boolean;
  readonly sarif: boolean;
  readonly format: 'text' | 'json' | 'sarif' | undefined;
  readonly until: 'parse' | 'types' | 'eval' | undefined;
  readonly dialect: 'fdr4' | 'fdr2';
  readonly timeout: number | undefined;
  readonly maxStates: number | undefined;
  readonly maxMemory: number | undefined;
  readonly quiet: boolean;
}

export const checkCommand = buildCommand<Flags, [string], Context>({
  docs: {
    brief: 'Verify the assertions of a CSPM script',
    fullDescription: [
      '  csp check models/philosophers.csp',
      '  csp check deal.csp --json --timeout 60 > report.json',
      '  csp check deal.csp --sarif > deal.sarif',
      '  csp check deal.csp --until types',
      '  csp check large.csp --max-states 50000000 --max-memory 4000',
      '',
      'Parses, checks types, evaluates, and decides every assertion of FILE.',
      'Exit status: 0 all hold, 1 an assertion fails, 3 no such file, 5 the script is wrong, 8 undecided within the limits.',
    ].join('\n'),
  },
  parameters: {
    positional: { kind: 'tuple', parameters: [{ brief: 'The script', parse: String, placeholder: 'FILE' }] },
    flags: {
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document; the same as --format json' },
      sarif: { kind: 'boolean', default: false, brief: 'Print SARIF 2.1.0; the same as --format sarif' },
      format: { kind: 'enum', values: ['text', 'json', 'sarif'], optional: true, brief: 'What to print; text' },
      dialect: {
        kind: 'enum',
        values: ['fdr4', 'fdr2'],
        default: 'fdr4',
        brief: 'fdr2: scripts from before the type checker; its errors become warnings where the meaning is clear',
      },
      until: { kind: 'enum', values: ['parse', 'types', 'eval'], optional: true, brief: 'Stop after this phase' },
      timeout: { kind: 'parsed', parse: positive, optional: true, brief: 'Seconds for the whole script' },
      maxStates: { kind: 'parsed', parse: positive, optional: true, brief: 'States for each assertion' },
      maxMemory: { kind: 'parsed', parse: positive, optional: true, brief: 'Megabytes that the process may take' },
      quiet: { kind: 'boolean', default: false, brief: 'No counterexamples, one line an assertion' },
    },
  },
  loader: async () => (await import('../actions/check.ts')).checkScript,
});
