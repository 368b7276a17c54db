/** Operation rows of protocols. */
import {
  createdInput,
  defineOperation,
  LIST_ERRORS,
  listInput,
  listOutput,
  type Operation,
} from '@enhanced-csp/platform';
import { z } from 'zod';
import { assertion, diagnostic, identifier, name, text, timestamp } from '../schemas.ts';
import type { ProtocolBody, Protocols } from './protocols.ts';

const SOURCE_LENGTH_MAX = 256 * 1024;

const status = z.enum(['ill-formed', 'defined', 'verified', 'refuted', 'unknown']);

const summary = {
  protocol_id: z.string(),
  name: z.string(),
  system: z.string().optional().describe('The process that is the whole conversation.'),
  roles: z.array(z.string()),
  status,
  created_at: timestamp,
  updated_at: timestamp,
};

const verification = {
  verdict: z.enum(['holds', 'fails', 'unknown']),
  reason: z.string().optional().describe('Why the verdict is unknown.'),
  assertions: z.array(assertion),
};

const protocol = z.object({
  ...summary,
  source: z.string(),
  diagnostics: z.array(diagnostic),
  verification: z.object({ ...verification, verified_at: timestamp }).optional(),
});

const verdict = z.object({
  protocol_id: z.string(),
  status,
  diagnostics: z.array(diagnostic),
  ...verification,
  verified_at: timestamp.optional(),
});

const HELLO = `--@ conversation HELLO roles alice, bob
datatype Role = alice | bob
channel hello : Role.Role
HELLO = hello.alice.bob -> hello.bob.alice -> SKIP
`;

const byId = z.strictObject({ protocol_id: z.string() });

export function protocolOperations(protocols: Protocols): Operation[] {
  return [
    defineOperation({
      id: 'protocols.define',
      summary: 'Define a protocol',
      description:
        'A protocol is a CSPM script, the process of it that is the whole conversation, and the roles that take part. An ill-formed script is kept with its diagnostics.',
      route: 'POST /protocols',
      outcome: 'created',
      input: z.strictObject({
        name,
        source: text.max(SOURCE_LENGTH_MAX).describe('CSPM.'),
        system: identifier
          .optional()
          .describe('Default: what the line `--@ conversation NAME roles a, b` of the script says.'),
        roles: z.array(identifier).max(100).optional(),
      }),
      output: protocol,
      errors: ['CSP-CNV-013', 'CSP-CNV-016'],
      permission: 'protocols:create',
      rateClass: 'verify',
      idempotent: false,
      examples: [
        {
          name: 'two greetings',
          input: { name: 'hello', source: HELLO },
          output: { status: 'defined', system: 'HELLO', roles: ['alice', 'bob'] },
        },
      ],
      async plan(draft) {
        const { output, ...plan } = await protocols.planDefine(draft);
        return { ...plan, output: mutable(output) };
      },
      run: async (draft) => mutable(await protocols.define(draft)),
    }),
    defineOperation({
      id: 'protocols.list',
      summary: 'List protocols',
      route: 'GET /protocols',
      input: z.strictObject({ ...listInput, ...createdInput, status: status.optional(), name: name.optional() }),
      output: z.object({ protocols: z.array(z.object(summary)), ...listOutput }),
      errors: LIST_ERRORS,
      permission: 'protocols:read',
      rateClass: 'read',
      idempotent: true,
      examples: [{ name: 'the verified ones', input: { status: 'verified' } }],
      async run(query) {
        const { records, page } = await protocols.list(query);
        return { protocols: records.map(({ body }) => mutable(body)), ...page };
      },
    }),
    defineOperation({
      id: 'protocols.get',
      summary: 'Get a protocol',
      route: 'GET /protocols/{protocol_id}',
      input: byId,
      output: protocol,
      errors: ['CSP-CNV-001'],
      permission: 'protocols:read',
      rateClass: 'read',
      idempotent: true,
      examples: [
        {
          name: 'one',
          after: ['protocols.define'],
          input: { protocol_id: 'prot_123456' },
          output: { status: 'defined' },
        },
      ],
      run: async ({ protocol_id }) => mutable((await protocols.get(protocol_id)).body),
    }),
    defineOperation({
      id: 'protocols.verify',
      summary: 'Verify a protocol',
      description:
        'Decides that the conversation never gets stuck and never diverges, and every assertion of the script, with a counterexample for what fails. A check that ran out of time, states or memory is `unknown`, never `holds`.',
      route: 'POST /protocols/{protocol_id}/verify',
      input: byId,
      output: verdict,
      errors: ['CSP-CNV-001', 'CSP-CNV-013', 'CSP-CNV-016'],
      permission: 'protocols:verify',
      rateClass: 'verify',
      idempotent: true,
      examples: [
        {
          name: 'two greetings',
          after: ['protocols.define'],
          input: { protocol_id: 'prot_123456' },
          output: { status: 'verified', verdict: 'holds' },
        },
      ],
      async run({ protocol_id }) {
        const body = mutable(await protocols.verify(protocol_id));
        const { status, diagnostics } = body;
        const none = { verdict: status === 'ill-formed' ? ('fails' as const) : ('unknown' as const), assertions: [] };
        return { protocol_id, status, diagnostics, ...(body.verification ?? none) };
      },
    }),
  ];
}

/** Schemas speak of mutable arrays; nobody changes what is answered. */
function mutable(body: ProtocolBody): z.input<typeof protocol> {
  return body as z.input<typeof protocol>;
}
