/** `csp top`: what a platform does now, again and again. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { natural } from '../flags.ts';
import { remoteFlags } from './operations.ts';

export interface Flags {
  readonly url: string | undefined;
  readonly context: string | undefined;
  readonly json: boolean;
  readonly times: number;
  readonly limit: number;
}

export const topCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Watch the load and the busiest processes of a platform',
    fullDescription: [
      '  csp top',
      '  csp top --times 1 --json',
      '  csp top --context production --limit 30',
      '',
      'Every two seconds, until interrupted or for --times; with --json one document a line.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...remoteFlags,
      times: { kind: 'parsed', parse: natural, default: '0', brief: 'How often; 0: until interrupted' },
      limit: { kind: 'parsed', parse: natural, default: '10', brief: 'Processes shown' },
    },
  },
  loader: async () => (await import('../actions/top.ts')).top,
});
