/** `csp watch TOPIC…`: what a platform tells as it happens. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { natural, ordinal } from '../flags.ts';
import { remoteFlags } from './operations.ts';

export interface Flags {
  readonly url: string | undefined;
  readonly context: string | undefined;
  readonly json: boolean;
  readonly since: number | undefined;
  readonly count: number | undefined;
  readonly list: boolean;
}

export const watchCommand = buildCommand<Flags, string[], Context>({
  docs: {
    brief: 'Follow topics of a running platform',
    fullDescription: [
      '  csp watch process_events protocol_events',
      '  csp watch conversation.conv_123456 --since 0 --json',
      '  csp watch --list',
      '',
      'Prints each event as it comes; with --json one document a line. A connection that is lost is made again, and goes on after the last event heard; what could not be had is told as a gap.',
      'Until interrupted, or for --count events. Exit status: 3 no such topic, 6 nobody answers.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...remoteFlags,
      since: {
        kind: 'parsed',
        parse: natural,
        optional: true,
        brief: 'Begin after this sequence number of each topic; 0: with all that is kept',
      },
      count: { kind: 'parsed', parse: ordinal, optional: true, brief: 'End after so many events' },
      list: { kind: 'boolean', default: false, brief: 'Print the topics there are' },
    },
    positional: {
      kind: 'array',
      parameter: { parse: String, placeholder: 'TOPIC', brief: 'Which ones', proposeCompletions: proposed },
    },
  },
  loader: async () => (await import('../actions/watch.ts')).watch,
});

async function proposed(this: Context): Promise<readonly string[]> {
  const { topicsOfPlatform } = await import('../actions/platform-documents.ts');
  return (await topicsOfPlatform(urlOf({}, this.env)).catch(() => [])).map(({ topic }) => topic.replace(/\{.*/, ''));
}
