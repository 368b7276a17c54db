/** `csp draw FILE [PROCESS]`: the network or the states of a process as a picture. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { ordinal } from '../flags.ts';

export interface Flags {
  readonly as: 'network' | 'lts' | undefined;
  readonly format: 'svg' | 'dot' | 'text';
  readonly output: string | undefined;
  readonly maxStates: number;
  readonly json: boolean;
}

export const drawCommand = buildCommand<Flags, [string, string?], Context>({
  docs: {
    brief: 'Draw the network or the states of a process',
    fullDescription: [
      '  csp draw models/philosophers.csp TABLE --output table.svg',
      "  csp draw models/philosophers.csp 'FORK(0)' --as lts --output fork.svg",
      '  csp draw models/negotiation.csp --format text',
      "  csp draw models/philosophers.csp 'FORK(0)' --format dot | dot -Tpdf > fork.pdf",
      '',
      'Draws PROCESS, any expression in the scope of FILE: its components and their channels, or its states. Without PROCESS: the conversation of',
      'the script, else what its first assertion is about. Without --as: the network, or the states of what has one component only.',
      'Exit status: 0 drawn, 3 no such file, 5 the script or the expression is wrong.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'The script', parse: String, placeholder: 'FILE' },
        { brief: 'A process, as CSPM', parse: String, placeholder: 'PROCESS', optional: true },
      ],
    },
    flags: {
      as: { kind: 'enum', values: ['network', 'lts'], optional: true, brief: 'Components and channels, or states' },
      format: { kind: 'enum', values: ['svg', 'dot', 'text'], default: 'svg', brief: 'What to write' },
      output: { kind: 'parsed', parse: String, optional: true, brief: 'File to write; standard output if not given' },
      json: {
        kind: 'boolean',
        default: false,
        brief: 'Print one JSON document with the picture, or where it was written',
      },
      maxStates: { kind: 'parsed', parse: ordinal, default: '80', brief: 'States drawn' },
    },
  },
  loader: async () => (await import('../actions/draw.ts')).drawProcess,
});
