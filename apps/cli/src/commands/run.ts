/** `csp run FILE`: verifies the conversation of a script, then holds it, in virtual time, with every message checked before delivery. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { natural } from '../flags.ts';

export interface Flags {
  readonly agents: string | undefined;
  readonly seed: number;
  readonly mode: 'observe' | 'block' | 'quarantine';
  readonly log: string | undefined;
  readonly json: boolean;
}

export const runCommand = buildCommand<Flags, [string], Context>({
  docs: {
    brief: 'Hold the conversation of a script, enforced',
    fullDescription: [
      '  csp run models/negotiation.csp --seed 7',
      '  csp run models/negotiation.csp --agents models/negotiation.agents.ts --log deal.log',
      '  csp run models/negotiation.csp --agents models/negotiation.agents.ts#withRogue --mode quarantine',
      '',
      'FILE says which process is the conversation and who takes part: --@ conversation DEAL roles buyer, seller, broker',
      'It is verified first; what fails does not run. Without --agents every role wanders through what it may do, by chance.',
      'Exit status: 0 the conversation ended as it may, 1 it fails verification, got stuck, or was only observed and deviated, 3 no such file, 5 the script is wrong.',
    ].join('\n'),
  },
  parameters: {
    positional: { kind: 'tuple', parameters: [{ brief: 'The script', parse: String, placeholder: 'FILE' }] },
    flags: {
      agents: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'Module with the agents; #NAME picks another export than `agents`',
      },
      seed: { kind: 'parsed', parse: natural, default: '1', brief: 'The same seed gives the same run' },
      mode: {
        kind: 'enum',
        values: ['observe', 'block', 'quarantine'],
        default: 'block',
        brief: 'What is not allowed is delivered and told, refused, or refused and the last act of a role at fault',
      },
      log: { kind: 'parsed', parse: String, optional: true, brief: 'Write the log for csp audit' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  loader: async () => (await import('../actions/run.ts')).runConversation,
});
