/** `csp doctor`: everything a platform needs with the configuration as it is, one line each, with what to do about what is missing. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { portNumber } from '../flags.ts';

export interface Flags {
  readonly port: number | undefined;
  readonly data: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

export const doctorCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Check what a platform needs, and what it finds',
    fullDescription: [
      '  csp doctor',
      '  csp doctor --config production.yaml',
      '  csp doctor --port 9000 --data /var/lib/csp --json',
      '',
      'Configuration, Node, checker, data folder, database, Redis, the address of the platform; and what this version does not have: AI hub, quantum,',
      'blockchain. Changes nothing. Asks servers that the configuration names, and nobody else.',
      'Exit status: 0 all is well, 1 something is not.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      port: { kind: 'parsed', parse: portNumber, optional: true, brief: 'The port the platform would use  [8000]' },
      data: { kind: 'parsed', parse: String, optional: true, brief: 'Data folder  [csp-data]' },
      config: { kind: 'parsed', parse: String, optional: true, brief: 'Configuration file' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  loader: async () => (await import('../actions/doctor.ts')).diagnose,
});
