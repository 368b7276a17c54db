/** Topics of this module. */
import type { Stream } from '@enhanced-csp/platform';
import { z } from 'zod';

const change = (id: string, statuses: readonly string[]) => ({
  [id]: z.string(),
  name: z.string(),
  status: z.enum(statuses as [string, ...string[]]).optional(),
  at: z.string().optional(),
});

export const STREAMS: readonly Stream[] = [
  {
    topic: 'process_events',
    summary: 'Processes: every change of status, and every event they perform',
    notification: z.object({
      ...change('process_id', ['created', 'verified', 'running', 'stopped', 'terminated', 'failed', 'deleted']),
      event: z.string().optional(),
      events_processed: z.int().optional(),
    }),
    permission: 'processes:read',
  },
  {
    topic: 'process.{process_id}',
    summary: 'One process: every change of its status, and every event it performs',
    notification: z.looseObject({
      process_id: z.string(),
      sequence: z.int(),
      at: z.string(),
      kind: z.enum(['status', 'event']),
    }),
    permission: 'processes:read',
    route: 'GET /processes/{process_id}/events',
  },
  {
    topic: 'protocol_events',
    summary: 'Protocols: defined, verified, refuted',
    notification: z.object(change('protocol_id', ['ill-formed', 'defined', 'verified', 'refuted', 'unknown'])),
    permission: 'protocols:read',
  },
  {
    topic: 'conversation.{conversation_id}',
    summary:
      'One conversation: every event accepted, every attempt refused or only observed, who is put in quarantine or silent, and the end',
    notification: z.looseObject({
      conversation_id: z.string(),
      sequence: z.int(),
      at: z.string(),
      kind: z.enum(['opened', 'event', 'refusal', 'unlawful', 'quarantined', 'silent', 'closed']),
    }),
    permission: 'conversations:read',
    route: 'GET /conversations/{conversation_id}/events',
  },
  {
    topic: 'channel.{channel_id}',
    summary: 'One channel: what was communicated over it, headers only',
    notification: z.looseObject({
      seq: z.int(),
      at: z.string(),
      kind: z.enum(['communicated', 'sent', 'received', 'dropped']),
    }),
    permission: 'channels:read',
    publish: 'POST /channels/{channel_id}/send',
  },
];
