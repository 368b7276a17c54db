/** `csp doctor`: everything a platform needs on this machine, one line each, with what to do about what is missing. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { portNumber } from '../flags.ts';

export interface Flags {
  readonly port: number;
  readonly data: string;
  readonly json: boolean;
}

export const doctorCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Check what a platform needs on this machine',
    fullDescription: [
      '  csp doctor',
      '  csp doctor --port 9000 --data /var/lib/csp',
      '  csp doctor --json',
      '',
      'Looks at Node, the checker, the data folder, the embedded database and the port.',
      'Exit status: 0 all is well, 1 something is not.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      port: { kind: 'parsed', parse: portNumber, default: '8000', brief: 'The port the platform would use' },
      data: { kind: 'parsed', parse: String, default: 'csp-data', brief: 'The data folder' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  loader: async () => (await import('../actions/doctor.ts')).diagnose,
});
