/** `csp stop` and `csp restart`: the platform that was started with this data folder. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';

export interface Flags {
  readonly data: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

const flags = {
  data: { kind: 'parsed', parse: String, optional: true, brief: 'Data folder  [csp-data]' },
  config: { kind: 'parsed', parse: String, optional: true, brief: 'Configuration file' },
  json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
} as const;

export const stopCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Stop the platform that uses a data folder',
    fullDescription: [
      '  csp stop',
      '  csp stop --data /var/lib/csp',
      '',
      'Requests that run may finish; what was acknowledged is in the store.',
      'Exit status: 0 stopped, 3 none runs on this folder, 8 it did not end within half a minute.',
    ].join('\n'),
  },
  parameters: { flags },
  loader: async () => (await import('../actions/detached.ts')).stop,
});

export const restartCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Stop the platform of a data folder and start it again, in the background',
    fullDescription: [
      '  csp restart',
      '  csp restart --data /var/lib/csp',
      '',
      'With the flags it was started with, in the folder it was started in.',
      'Exit status: 0 it runs again, 3 none runs on this folder, 8 it did not end within half a minute.',
    ].join('\n'),
  },
  parameters: { flags },
  loader: async () => (await import('../actions/detached.ts')).restart,
});
