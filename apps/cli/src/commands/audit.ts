/** `csp audit LOG`: whether a log is whole, who vouches for it, and whether what it tells conforms to its protocol. Offline. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';

export interface Flags {
  readonly key: string | undefined;
  readonly root: string | undefined;
  readonly receipt: readonly string[] | undefined;
  readonly json: boolean;
}

export const auditCommand = buildCommand<Flags, [string], Context>({
  docs: {
    brief: 'Re-check the log of a conversation, offline',
    fullDescription: [
      '  csp audit deal.log',
      '  csp audit deal.log --key csp-run+bb7f0392+ASUowJSI…',
      '  csp audit deal.log --root jF0Z…= --json',
      '  csp audit http://127.0.0.1:8000/api/conversations/conv_…/log',
      '',
      'LOG is what `csp run --log` wrote, or what a platform answered: csp conversations log CONVERSATION_ID > deal.log.',
      'Checks that no byte of LOG was changed, and that what it tells is a behavior of the protocol in its first line.',
      'Without a key, root or receipt that was known before, a log that somebody rewrote as a whole cannot be told from a true one.',
      '`csp run --log` prints its key; that of a platform is in the answers it gives: csp conversations receipt CONVERSATION_ID 1.',
      'Exit status: 0 passed, 1 broken, forged or not conforming, 2 --key or --root is none, 3 no such file.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'The exported log: a file, or where a platform has it', parse: String, placeholder: 'LOG' },
      ],
    },
    flags: {
      key: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'Public key of the platform: its text, or a file with it',
      },
      root: { kind: 'parsed', parse: String, optional: true, brief: 'Root hash known from elsewhere, Base 64' },
      receipt: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        brief: 'File with a receipt given out earlier',
      },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  loader: async () => (await import('../actions/audit.ts')).auditLogFile,
});
