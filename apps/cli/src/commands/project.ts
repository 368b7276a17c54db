/** `csp project FILE [ROLE]`: whether the roles can keep to a protocol by themselves, and the protocol as one of them sees it. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { natural } from '../flags.ts';

export interface Flags {
  readonly notices: boolean;
  readonly output: string | undefined;
  readonly maxStates: number;
  readonly json: boolean;
}

export const projectCommand = buildCommand<Flags, [string, string?], Context>({
  docs: {
    brief: 'Show a protocol as each role sees it',
    fullDescription: [
      '  csp project models/request.csp',
      '  csp project models/negotiation.csp --notices',
      '  csp project models/negotiation.csp seller --notices --output seller.csp && csp check seller.csp',
      '',
      'Says whether the protocol is realizable: whether roles that see only what they perform or receive can keep to it, each by itself.',
      'With ROLE: writes the protocol as this role sees it, as a script whose assertions compare it with the whole. An agent can be held to it',
      'where it runs. Communication is by rendezvous; buffers between the roles are not looked at.',
      'Exit status: 0 realizable, 1 not, 3 no such file or role, 5 the script is wrong, 8 undecided within the limits.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'The script', parse: String, placeholder: 'FILE' },
        { brief: 'One of its roles', parse: String, placeholder: 'ROLE', optional: true },
      ],
    },
    flags: {
      notices: {
        kind: 'boolean',
        default: false,
        brief: 'What a role performs alone (a timeout, a crash) is noticed by all',
      },
      output: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'File to write the script to; standard output if not given',
      },
      maxStates: { kind: 'parsed', parse: natural, default: '1000000', brief: 'Limit on states' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  loader: async () => (await import('../actions/project.ts')).projectProtocol,
});
