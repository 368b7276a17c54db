/** `csp profile -- COMMAND`: where a command spends its time, or what it keeps in memory. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { ordinal, positive } from '../flags.ts';

export interface Flags {
  readonly heap: boolean;
  readonly seconds: number | undefined;
  readonly output: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

export const profileCommand = buildCommand<Flags, string[], Context>({
  docs: {
    brief: 'Show where a command spends its time, or its memory',
    fullDescription: [
      '  csp profile -- check models/philosophers.csp',
      '  csp profile --seconds 30 -- start --port 9000',
      '  csp profile --heap --output check.heapprofile -- check models/negotiation.csp',
      '',
      'Runs the command under the sampling profiler of Node and shows the functions with most of their own time (or of their own allocations).',
      'With --seconds the command is told to stop after that time: for a platform. --output keeps the whole profile, for the tools of a browser. Lines are those of the bundle where it runs.',
      'Exit status: that of the command; 2 without a command.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      heap: { kind: 'boolean', default: false, brief: 'Memory that is allocated, and not time' },
      seconds: { kind: 'parsed', parse: positive, optional: true, brief: 'Stop the command after that time' },
      output: { kind: 'parsed', parse: String, optional: true, brief: 'File for the whole profile' },
      limit: { kind: 'parsed', parse: ordinal, default: '15', brief: 'Functions shown' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
    positional: {
      kind: 'array',
      parameter: { parse: String, placeholder: 'COMMAND', brief: 'The command and its arguments' },
    },
  },
  loader: async () => (await import('../actions/profile.ts')).profile,
});
