/**
 * The AsyncAPI 3 document of the WebSocket `/ws`, made from the stream rows: what a client sends, and what it is told.
 */
import type { Catalog } from '@enhanced-csp/platform';
import { z } from 'zod';
import { parametersOf } from './path.ts';

type Json = Record<string, unknown>;

export function asyncApi(catalog: Catalog, about: { readonly name: string; readonly version: string }): Json {
  const streams = catalog.streams();
  const messages: Record<string, Json> = {};
  for (const stream of streams) {
    const { $schema: _, ...data } = z.toJSONSchema(stream.notification, { io: 'output', unrepresentable: 'any' });
    messages[messageName(stream.topic)] = {
      summary: stream.summary,
      payload: {
        type: 'object',
        required: ['type', 'channel', 'seq', 'at', 'data'],
        properties: { type: { const: 'event' }, channel: text, seq: count, at: text, data },
      },
    };
  }
  const names = Object.keys(messages);
  return {
    asyncapi: '3.0.0',
    info: {
      title: about.name,
      version: about.version,
      description:
        'Topics over one WebSocket: subscribe, resume by the last sequence number, and be told of every gap.',
      license: { name: 'MIT' },
    },
    servers: { local: { host: 'localhost:8000', pathname: '/ws', protocol: 'ws' } },
    defaultContentType: 'application/json',
    channels: {
      socket: {
        address: '/ws',
        messages: Object.fromEntries(
          [...Object.keys(REQUESTS), ...Object.keys(ANSWERS), ...names].map((name) => [
            name,
            { $ref: `#/components/messages/${name}` },
          ]),
        ),
      },
    },
    operations: {
      ask: { action: 'receive', channel: { $ref: '#/channels/socket' }, messages: Object.keys(REQUESTS).map(inSocket) },
      tell: {
        action: 'send',
        channel: { $ref: '#/channels/socket' },
        messages: [...Object.keys(ANSWERS), ...names].map(inSocket),
      },
    },
    components: { messages: { ...REQUESTS, ...ANSWERS, ...messages } },
    'x-topics': streams.map(({ topic, summary, permission, route, publish }) => ({
      topic,
      summary,
      permission,
      parameters: parametersOf(topic),
      message: messageName(topic),
      ...(publish === undefined ? {} : { 'x-publish': `/api${publish.slice('POST '.length)}` }),
      ...(route === undefined ? {} : { 'x-event-stream': `/api${route.slice('GET '.length)}` }),
    })),
  };
}

function inSocket(name: string): Json {
  return { $ref: `#/channels/socket/messages/${name}` };
}

/** `conversation.{conversation_id}` becomes `conversationNotification`. */
function messageName(topic: string): string {
  return `${topic.replace(/\.?\{[^}]+\}/g, '').replace(/[._-](\w)/g, (_, letter: string) => letter.toUpperCase())}Notification`;
}

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const id = { type: ['string', 'number'] };
const channels = { type: 'array', items: text, minItems: 1, maxItems: 256 };

function frame(tag: string, value: string, summary: string, properties: Json, required: readonly string[] = []): Json {
  return {
    summary,
    payload: {
      type: 'object',
      required: [tag, ...required],
      properties: { [tag]: { const: value }, id, ...properties },
    },
  };
}

const since = { anyOf: [count, { type: 'object', additionalProperties: count }] };

const REQUESTS: Readonly<Record<string, Json>> = {
  subscribe: frame(
    'action',
    'subscribe',
    'Listen to topics, from a sequence number on',
    {
      channels,
      since,
      run: text,
      ack: {
        type: 'boolean',
        description:
          'At most as many notifications that are not acknowledged are on their way as websocket.max_queue says.',
      },
    },
    ['channels'],
  ),
  ack: frame('action', 'ack', 'Everything up to seq is dealt with', { channel: text, seq: count }, ['channel', 'seq']),
  publish: frame(
    'action',
    'publish',
    'Write on a topic',
    { channel: text, data: { description: 'The body of the operation that x-publish of the topic names.' } },
    ['channel', 'data'],
  ),
  unsubscribe: frame('action', 'unsubscribe', 'Listen no more', { channels }, ['channels']),
  ping: frame('action', 'ping', 'Ask whether the server is there', {}),
};

const ANSWERS: Readonly<Record<string, Json>> = {
  subscribed: frame('type', 'subscribed', 'Which topics are listened to now, and which are not', {
    run: { ...text, description: 'Names this run of the server; sequence numbers of another run mean nothing.' },
    accepted: { type: 'array', items: text },
    refused: { type: 'array', items: { type: 'object', properties: { channel: text, code: text, detail: text } } },
    gaps: { type: 'array', items: text },
  }),
  unsubscribed: frame('type', 'unsubscribed', 'Which topics were left', { channels: { type: 'array', items: text } }),
  published: frame('type', 'published', 'It is done', { channel: text, result: {} }, ['channel', 'result']),
  pong: frame('type', 'pong', 'The server is there', { at: text }),
  gap: frame('type', 'gap', 'Something after `since` is not kept any more', { channel: text, since: count }, [
    'channel',
    'since',
  ]),
  error: frame('type', 'error', 'A frame was not understood', { code: text, title: text, detail: text, next: text }, [
    'code',
  ]),
};
