/** Operation rows of channels, with the requests of the API reference as their examples. */
import {
  type Call,
  createdInput,
  defineOperation,
  LIST_ERRORS,
  listInput,
  listOutput,
  type Operation,
} from '@enhanced-csp/platform';
import { z } from 'zod';
import { data, name, text, timestamp } from '../schemas.ts';
import type { Channels, Patience } from './channels.ts';
import type { LiveChannel } from './live-channel.ts';
import { PRIORITIES } from './message.ts';

const TIMEOUT_SECONDS_MAX = 300;

const type = z
  .enum(['synchronous', 'buffered', 'dropping', 'sliding'])
  .describe(
    'synchronous: rendezvous. buffered: full means wait or be refused. dropping: full loses the new. sliding: full loses the old.',
  );
const priority = z.enum(PRIORITIES);
const label = text.min(1).max(200);

const channel = z.object({
  channel_id: z.string(),
  name: z.string(),
  type,
  buffer_size: z.int(),
  security_level: z.enum(['low', 'medium', 'high']),
  created_at: timestamp,
});

const state = channel.extend({
  buffered: z.int().describe('Messages sent and not received yet.'),
  waiting_senders: z.int(),
  waiting_receivers: z.int(),
  events: z.int().describe('Entries in the journal of the channel.'),
});

const byId = z.strictObject({ channel_id: z.string() });
const event = z.object({ type: z.string(), data: z.unknown(), sender: z.string().optional(), priority });

/** `timeoutSeconds`: how long a send or a receive waits when the request does not say. */
export function channelOperations(channels: Channels, { timeoutSeconds = 30 } = {}): Operation[] {
  const timeout = z
    .number()
    .min(0)
    .max(TIMEOUT_SECONDS_MAX)
    .default(timeoutSeconds)
    .describe('Seconds to wait for the other side; 0: only if it is there now.');
  return [
    defineOperation({
      id: 'channels.create',
      summary: 'Create a channel',
      route: 'POST /channels',
      outcome: 'created',
      input: z.strictObject({
        name,
        type: type.default('synchronous'),
        buffer_size: z
          .int()
          .min(1)
          .max(100_000)
          .default(1000)
          .describe('Of a synchronous channel: how many offers may wait; beyond, a sender is refused.'),
        security_level: z.enum(['low', 'medium', 'high']).default('medium'),
      }),
      output: channel,
      errors: ['CSP-CNV-010'],
      permission: 'channels:create',
      rateClass: 'write',
      idempotent: false,
      examples: [
        {
          name: 'the API reference',
          input: { name: 'communication_channel', type: 'synchronous', buffer_size: 1000, security_level: 'high' },
          output: { name: 'communication_channel', type: 'synchronous', buffer_size: 1000, security_level: 'high' },
        },
        {
          name: 'buffered',
          input: { name: 'buffered_channel', type: 'buffered', buffer_size: 10 },
          output: { type: 'buffered', buffer_size: 10 },
        },
      ],
      run: (draft) => channels.create(draft),
    }),
    defineOperation({
      id: 'channels.list',
      summary: 'List channels',
      route: 'GET /channels',
      input: z.strictObject({
        ...listInput,
        ...createdInput,
        type: type.optional(),
        name: name.optional(),
        security_level: z.enum(['low', 'medium', 'high']).optional(),
      }),
      output: z.object({ channels: z.array(channel), ...listOutput }),
      errors: LIST_ERRORS,
      permission: 'channels:read',
      rateClass: 'read',
      idempotent: true,
      examples: [{ name: 'the first ten', input: { limit: 10, offset: 0 } }],
      async run(query) {
        const { records, page } = await channels.list(query);
        return { channels: records.map(({ body }) => body), ...page };
      },
    }),
    defineOperation({
      id: 'channels.get',
      summary: 'Get a channel',
      route: 'GET /channels/{channel_id}',
      input: byId,
      output: state,
      errors: ['CSP-CNV-004'],
      permission: 'channels:read',
      rateClass: 'read',
      idempotent: true,
      examples: [
        {
          name: 'one that is empty',
          after: ['channels.create'],
          input: { channel_id: 'chan_123456' },
          output: { name: 'communication_channel', buffered: 0, waiting_senders: 0, waiting_receivers: 0 },
        },
      ],
      run: async ({ channel_id }) => stateOf(await channels.get(channel_id)),
    }),
    defineOperation({
      id: 'channels.delete',
      summary: 'Delete a channel',
      route: 'DELETE /channels/{channel_id}',
      input: byId,
      output: z.object({ channel_id: z.string(), deleted: z.literal(true) }),
      errors: ['CSP-CNV-004', 'CSP-CNV-018'],
      permission: 'channels:delete',
      rateClass: 'write',
      idempotent: true,
      examples: [
        {
          name: 'one that is empty',
          after: ['channels.create'],
          input: { channel_id: 'chan_123456' },
          output: { deleted: true },
        },
      ],
      async run({ channel_id }) {
        await channels.delete(channel_id);
        return { channel_id, deleted: true as const };
      },
    }),
    defineOperation({
      id: 'channels.send',
      summary: 'Send an event',
      description:
        'On a synchronous channel the answer comes when a receiver has taken the event; on the others when it is stored. Either way after it is durable.',
      route: 'POST /channels/{channel_id}/send',
      input: z.strictObject({
        channel_id: z.string(),
        event: z.strictObject({
          type: label.default('message'),
          data: data.default(null),
          sender: label.optional(),
          priority: priority.default('normal'),
        }),
        timeout,
      }),
      output: z.object({ channel_id: z.string(), sequence: z.int(), status: z.enum(['communicated', 'sent']) }),
      errors: ['CSP-CNV-004', 'CSP-CNV-011', 'CSP-CNV-012', 'CSP-CNV-016'],
      permission: 'channels:send',
      rateClass: 'write',
      idempotent: false,
      examples: [
        {
          name: 'the API reference',
          after: ['channels.create'],
          beside: 'channels.receive/anything',
          input: {
            channel_id: 'chan_123456',
            event: {
              type: 'message',
              data: { content: 'Hello, World!' },
              sender: 'proc_123456',
              priority: 'normal',
            },
          },
          output: { status: 'communicated' },
        },
        {
          name: 'one of high priority',
          after: ['channels.create/buffered'],
          input: { channel_id: 'chan_123456', event: { data: { content: 'Urgent.' }, priority: 'high' } },
          output: { status: 'sent' },
        },
      ],
      async run({ channel_id, event, timeout }, call) {
        const { sender, ...rest } = event;
        const message = { ...rest, ...(sender !== undefined && { sender }) };
        const { type } = (await channels.get(channel_id)).body;
        const { sequence } = await channels.send(channel_id, message, patienceOf(timeout, call), {
          trace: call.trace,
        });
        return { channel_id, sequence, status: type === 'synchronous' ? ('communicated' as const) : ('sent' as const) };
      },
    }),
    defineOperation({
      id: 'channels.receive',
      summary: 'Receive an event',
      description:
        'Waits for an event that passes the filter: the highest priority first, then the longest waiting. It is delivered once.',
      route: 'POST /channels/{channel_id}/receive',
      input: z.strictObject({
        channel_id: z.string(),
        receiver: label.optional(),
        timeout,
        filter: z
          .strictObject({ type: label.optional(), priority: priority.optional(), sender: label.optional() })
          .default({}),
      }),
      output: z.object({
        channel_id: z.string(),
        sequence: z.int(),
        sent: z.int().describe('Sequence number by which it was sent.'),
        receiver: z.string().optional(),
        event,
      }),
      errors: ['CSP-CNV-004', 'CSP-CNV-011', 'CSP-CNV-012', 'CSP-CNV-016'],
      permission: 'channels:receive',
      rateClass: 'write',
      idempotent: false,
      examples: [
        {
          name: 'the API reference',
          after: ['channels.create'],
          beside: 'channels.send/one of high priority',
          input: {
            channel_id: 'chan_123456',
            receiver: 'proc_789012',
            timeout: 30,
            filter: { type: 'message', priority: 'high' },
          },
          output: {
            receiver: 'proc_789012',
            event: { type: 'message', data: { content: 'Urgent.' }, priority: 'high' },
          },
        },
        {
          name: 'anything',
          after: ['channels.create'],
          beside: 'channels.send',
          input: { channel_id: 'chan_123456' },
          output: { event: { data: { content: 'Hello, World!' }, sender: 'proc_123456' } },
        },
      ],
      async run({ channel_id, receiver, timeout, filter }, call) {
        const party = { trace: call.trace, ...(receiver !== undefined && { name: receiver }) };
        const { sequence, sent, message } = await channels.receive(
          channel_id,
          filter,
          patienceOf(timeout, call),
          party,
        );
        return { channel_id, sequence, sent, ...(receiver !== undefined && { receiver }), event: message };
      },
    }),
  ];
}

function patienceOf(seconds: number, caller: Call): Patience {
  return { timeoutMs: seconds * 1000, caller };
}

function stateOf(channel: LiveChannel): z.input<typeof state> {
  return { ...channel.body, ...channel.figures };
}
