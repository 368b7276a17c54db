/** Operation rows of conversations. */
import type { Leaf } from '@enhanced-csp/engine/audit';
import {
  createdInput,
  defineOperation,
  LIST_ERRORS,
  listInput,
  listOutput,
  type Operation,
} from '@enhanced-csp/platform';
import { z } from 'zod';
import { fault } from '../fault.ts';
import { data, identifier, name, text, timestamp } from '../schemas.ts';
import type { ConversationBody } from './conversation.ts';
import type { Conversations, LoggedEntry } from './conversations.ts';
import type { LiveConversation } from './live-conversation.ts';

const status = z.enum(['running', 'terminated', 'stuck', 'stopped']);
const possible = z.array(z.object({ event: z.string(), role: z.string() }));

const owing = z
  .array(z.object({ role: z.string(), events: z.array(z.string()) }))
  .describe(
    'Roles of which each alone has to move for the protocol to go on, and with what; empty when several could.',
  );

const MODES = ['observe', 'block', 'quarantine'] as const;

const conversation = z.object({
  conversation_id: z.string(),
  name: z.string().optional(),
  protocol_id: z.string(),
  protocol: z.string().describe('Name of the protocol.'),
  system: z.string(),
  roles: z.array(z.string()),
  agents: z.record(z.string(), z.string()).optional().describe('Roles that the platform plays, and by which agent.'),
  status,
  mode: z.enum(MODES),
  accepted: z.int(),
  refused: z.int(),
  unlawful: z.int().describe('Delivered although the protocol does not allow it: in mode `observe`.'),
  patience_seconds: z.number().optional(),
  created_at: timestamp,
  updated_at: timestamp,
});

const state = conversation.extend({ expected: possible.describe('What may happen now, and by whom.') });

const attempt = z.object({
  sequence: z.int().describe('Place in the log.'),
  at: timestamp,
  kind: z.enum(['opened', 'event', 'refusal', 'unlawful', 'quarantined', 'closed']),
  role: z.string().optional(),
  event: z.string().optional(),
  reason: z.string().optional(),
  expected: z.array(z.string()).optional(),
  payload: z.unknown().optional().describe('What was said, as long as it is kept.'),
  payload_hash: z.string().optional(),
});

/** What must have happened before most of the examples. */
const STARTED = ['protocols.define', 'protocols.verify', 'conversations.start'];
const GREETED = [...STARTED, 'conversations.attempt'];

const byId = z.strictObject({ conversation_id: z.string() });

export function conversationOperations(conversations: Conversations): Operation[] {
  const read = { permission: 'conversations:read', rateClass: 'read', idempotent: true } as const;
  return [
    defineOperation({
      id: 'conversations.start',
      summary: 'Start a conversation of a verified protocol',
      description:
        'Roles named in `agents` are played by agents of modules, in the platform: their attempts are judged, logged and refused like those of anybody else. The other roles are open.',
      route: 'POST /conversations',
      outcome: 'created',
      input: z.strictObject({
        protocol_id: z.string(),
        name: name.optional(),
        mode: z
          .enum(MODES)
          .default('block')
          .describe(
            'What happens to an event that the protocol does not allow: it is delivered and told (`observe`), refused (`block`), or refused and the last act of a role at fault (`quarantine`).',
          ),
        patience_seconds: z
          .number()
          .min(0.1)
          .max(86_400)
          .optional()
          .describe(
            'After so long without an event, who should move is told on the topic of the conversation; in quarantine, a role that alone should have moved is put there.',
          ),
        agents: z
          .record(identifier, z.string().max(200))
          .optional()
          .describe('By role, the name of the agent that plays it; `GET /api/agents/kinds` lists them.'),
      }),
      output: state,
      errors: ['CSP-CNV-001', 'CSP-CNV-005', 'CSP-CNV-007', 'CSP-CNV-016', 'CSP-CNV-020', 'CSP-CNV-021', 'CSP-CNV-022'],
      permission: 'conversations:create',
      rateClass: 'write',
      idempotent: false,
      examples: [
        {
          name: 'two greetings',
          after: ['protocols.define', 'protocols.verify'],
          input: { protocol_id: 'prot_123456', name: 'hello' },
          output: { name: 'hello', status: 'running', expected: [{ event: 'hello.alice.bob', role: 'alice' }] },
        },
        {
          name: 'observed only',
          after: ['protocols.define', 'protocols.verify'],
          input: { protocol_id: 'prot_123456', mode: 'observe' },
          output: { mode: 'observe', status: 'running' },
        },
      ],
      run: async (draft) => stateOf(await conversations.start(draft)),
    }),
    defineOperation({
      id: 'conversations.list',
      summary: 'List conversations',
      route: 'GET /conversations',
      input: z.strictObject({
        ...listInput,
        ...createdInput,
        status: status.optional(),
        protocol_id: z.string().optional(),
        protocol: z.string().max(200).optional().describe('Name of the protocol.'),
        name: name.optional(),
      }),
      output: z.object({ conversations: z.array(conversation), ...listOutput }),
      errors: LIST_ERRORS,
      ...read,
      examples: [{ name: 'those that run', input: { status: 'running', limit: 10, offset: 0 } }],
      async run(query) {
        const { records, page } = await conversations.list(query);
        return { conversations: records.map(({ body }) => plain(body)), ...page };
      },
    }),
    defineOperation({
      id: 'conversations.get',
      summary: 'Get a conversation',
      route: 'GET /conversations/{conversation_id}',
      input: byId,
      output: state,
      errors: ['CSP-CNV-002'],
      ...read,
      examples: [
        { name: 'one', after: STARTED, input: { conversation_id: 'conv_123456' }, output: { status: 'running' } },
      ],
      run: async ({ conversation_id }) => stateOf(await conversations.get(conversation_id)),
    }),
    defineOperation({
      id: 'conversations.attempt',
      summary: 'Perform an event as a role',
      description:
        'The event is accepted or refused before anything is delivered, and the answer comes when that is durable. A refusal is in the log too, with what the role could have done. In mode `observe` what the protocol does not allow is delivered all the same, and `unlawful` in the answer says what is wrong with it.',
      route: 'POST /conversations/{conversation_id}/events',
      outcome: 'created',
      input: z.strictObject({
        conversation_id: z.string(),
        role: identifier.describe('One of the roles, or `environment`.'),
        event: text.min(1).max(1000).describe('Name of the event: `offer.buyer.broker.3`.'),
        payload: data.optional().describe('What is said with it; the log gets a salted hash only.'),
      }),
      output: z.object({
        conversation_id: z.string(),
        sequence: z.int(),
        at: timestamp,
        role: z.string(),
        event: z.string(),
        status,
        expected: possible,
        unlawful: z.object({ reason: z.string(), message: z.string(), expected: z.array(z.string()) }).optional(),
      }),
      errors: ['CSP-CNV-002', 'CSP-CNV-006', 'CSP-CNV-007', 'CSP-CNV-015', 'CSP-CNV-016'],
      permission: 'conversations:perform',
      rateClass: 'write',
      idempotent: false,
      examples: [
        {
          name: 'the first greeting',
          after: STARTED,
          input: {
            conversation_id: 'conv_123456',
            role: 'alice',
            event: 'hello.alice.bob',
            payload: { text: 'Hi Bob' },
          },
          output: { role: 'alice', event: 'hello.alice.bob', status: 'running' },
        },
      ],
      async run({ conversation_id, role, event, payload }, { trace }) {
        const conversation = await conversations.get(conversation_id);
        const answer = await conversation.attempt(role, event, payload, trace);
        const { sequence, at } = answer;
        const possible = [...conversation.expected()];
        const place = { conversation_id, sequence, at, role, event };
        if (answer.kind === 'accepted') return { ...place, status: conversation.body.status, expected: possible };
        const { reason, message, expected } = answer;
        if (answer.kind === 'unlawful')
          return {
            ...place,
            status: conversation.body.status,
            expected: possible,
            unlawful: { reason, message, expected: [...expected] },
          };
        const quarantined = answer.quarantine !== undefined;
        throw fault('CSP-CNV-006', quarantined ? `${message}; ${role} is in quarantine from now on` : message, {
          details: { ...place, reason, expected, possible, ...(quarantined && { quarantined }) },
        });
      },
    }),
    defineOperation({
      id: 'conversations.events',
      summary: 'List all attempts of a conversation, accepted and refused',
      route: 'GET /conversations/{conversation_id}/events',
      input: z.strictObject({
        conversation_id: z.string(),
        from: z.int().min(0).default(0).describe('The first sequence number wanted.'),
        limit: z.int().min(1).max(1000).default(100),
      }),
      output: z.object({
        conversation_id: z.string(),
        events: z.array(attempt),
        next: z.int().describe('Where to go on.'),
      }),
      errors: ['CSP-CNV-002'],
      ...read,
      examples: [
        { name: 'from the beginning', after: GREETED, input: { conversation_id: 'conv_123456', from: 0, limit: 100 } },
      ],
      async run({ conversation_id, from, limit }) {
        const entries = await conversations.entries(conversation_id, { from, limit });
        return { conversation_id, events: entries.map(attemptOf), next: from + entries.length };
      },
    }),
    defineOperation({
      id: 'conversations.trace',
      summary: 'Get the trace: the events that were accepted, in order',
      route: 'GET /conversations/{conversation_id}/trace',
      input: byId,
      output: z.object({
        conversation_id: z.string(),
        trace: z.array(z.object({ sequence: z.int(), at: timestamp, role: z.string(), event: z.string() })),
      }),
      errors: ['CSP-CNV-002'],
      ...read,
      examples: [{ name: 'one greeting', after: GREETED, input: { conversation_id: 'conv_123456' } }],
      async run({ conversation_id }) {
        const trace = await conversations.trace(conversation_id);
        return {
          conversation_id,
          trace: trace.map(({ seq, at, role, event }) => ({ sequence: seq, at, role, event })),
        };
      },
    }),
    defineOperation({
      id: 'conversations.verdict',
      summary: 'Whether a conversation conforms so far, where it stands, and who should move',
      description:
        'What was delivered conforms: every event was judged by the verified protocol before delivery. Only where events are observed and not blocked can it deviate. Offline, `csp audit` judges the downloaded log anew.',
      route: 'GET /conversations/{conversation_id}/verdict',
      input: byId,
      output: z.object({
        conversation_id: z.string(),
        verdict: z.enum(['conforming', 'deviating']),
        status,
        accepted: z.int(),
        refused: z.int(),
        unlawful: z.int(),
        expected: possible,
        owing,
      }),
      errors: ['CSP-CNV-002', 'CSP-CNV-015'],
      ...read,
      examples: [
        {
          name: 'one greeting',
          after: GREETED,
          input: { conversation_id: 'conv_123456' },
          output: { verdict: 'conforming', status: 'running', accepted: 1, refused: 0 },
        },
      ],
      async run({ conversation_id }) {
        const conversation = await conversations.get(conversation_id);
        await conversation.quiet();
        const { status, accepted, refused, unlawful = 0 } = conversation.body;
        return {
          conversation_id,
          verdict: unlawful === 0 ? ('conforming' as const) : ('deviating' as const),
          status,
          accepted,
          refused,
          unlawful,
          expected: [...conversation.expected()],
          owing: owingIn(conversation),
        };
      },
    }),
    defineOperation({
      id: 'conversations.stop',
      summary: 'Stop a conversation from outside',
      route: 'POST /conversations/{conversation_id}/stop',
      input: byId,
      output: state,
      errors: ['CSP-CNV-002', 'CSP-CNV-014', 'CSP-CNV-016'],
      permission: 'conversations:stop',
      rateClass: 'write',
      idempotent: false,
      examples: [
        { name: 'one', after: STARTED, input: { conversation_id: 'conv_123456' }, output: { status: 'stopped' } },
      ],
      async run({ conversation_id }) {
        const conversation = await conversations.get(conversation_id);
        await conversation.stop();
        return stateOf(conversation);
      },
    }),
    defineOperation({
      id: 'conversations.log',
      summary: 'Download the audit log',
      description:
        'The member `log` is the file that `csp audit` checks: one canonical leaf a line, then a signed checkpoint.',
      route: 'GET /conversations/{conversation_id}/log',
      input: byId,
      output: z.object({
        conversation_id: z.string(),
        size: z.int(),
        root: z.string().describe('Base 64 of the root hash over all entries.'),
        key: z.string().describe('The key that signed the checkpoint; keep it from the first time you see it.'),
        log: z.string(),
      }),
      raw: { mediaType: 'application/x-ndjson', of: ({ log }) => log },
      errors: ['CSP-CNV-002', 'CSP-CNV-015'],
      ...read,
      examples: [{ name: 'one', after: GREETED, input: { conversation_id: 'conv_123456' } }],
      async run({ conversation_id }) {
        const { size, root, key, file } = await conversations.exported(conversation_id);
        return { conversation_id, size, root, key, log: new TextDecoder().decode(file) };
      },
    }),
    defineOperation({
      id: 'conversations.receipt',
      summary: 'Get the receipt of one entry of the log',
      description:
        'A C2SP tlog-proof: whoever keeps it can show later that the log had this entry, or that it was rewritten.',
      route: 'GET /conversations/{conversation_id}/receipts/{sequence}',
      input: z.strictObject({ conversation_id: z.string(), sequence: z.int().min(0) }),
      output: z.object({
        conversation_id: z.string(),
        sequence: z.int(),
        receipt: z.string(),
        leaf: z.string().describe('The entry, as it is hashed.'),
        key: z.string(),
      }),
      errors: ['CSP-CNV-002', 'CSP-CNV-015', 'CSP-CNV-019'],
      ...read,
      examples: [
        {
          name: 'of the first greeting',
          after: GREETED,
          input: { conversation_id: 'conv_123456', sequence: 1 },
          output: { sequence: 1 },
        },
      ],
      async run({ conversation_id, sequence }) {
        return { conversation_id, sequence, ...(await conversations.receipt(conversation_id, sequence)) };
      },
    }),
  ];
}

function plain(body: ConversationBody): z.input<typeof conversation> {
  const { mode = 'block', unlawful = 0 } = body;
  return { ...body, mode, unlawful, roles: [...body.roles] };
}

function owingIn(conversation: LiveConversation): z.input<typeof owing> {
  return conversation.owing().map(({ role, events }) => ({ role, events: [...events] }));
}

function stateOf(live: LiveConversation): z.input<typeof state> {
  return { ...plain(live.body), expected: [...live.expected()] };
}

function attemptOf({ leaf, payload }: LoggedEntry): z.input<typeof attempt> {
  const place = { sequence: leaf.seq, at: leaf.at, kind: leaf.kind };
  switch (leaf.kind) {
    case 'opened':
      return place;
    case 'closed':
      return { ...place, reason: leaf.reason };
    case 'event':
      return { ...place, role: leaf.role, event: leaf.event, ...said(leaf, payload) };
    case 'quarantined':
      return { ...place, role: leaf.role, reason: leaf.reason };
    case 'refusal':
    case 'unlawful':
      return {
        ...place,
        role: leaf.role,
        event: leaf.event,
        reason: leaf.reason,
        expected: [...leaf.expected],
        ...said(leaf, payload),
      };
    default:
      return leaf satisfies never;
  }
}

function said(leaf: Leaf & { kind: 'event' | 'refusal' | 'unlawful' }, payload: unknown) {
  return {
    ...(leaf.payload !== undefined && { payload_hash: leaf.payload }),
    ...(payload !== undefined && { payload }),
  };
}
