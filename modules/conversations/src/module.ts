/** Protocols, conversations, processes and channels as a module. */
import { defineModule } from '@enhanced-csp/platform';
import { z } from 'zod';
import { CHANNELS, Channels } from './channels/channels.ts';
import { MESSAGES } from './channels/live-channel.ts';
import { channelOperations } from './channels/operations.ts';
import { agentOperations } from './conversations/agent-operations.ts';
import { CONVERSATIONS, PAYLOADS } from './conversations/conversation.ts';
import { Conversations } from './conversations/conversations.ts';
import { conversationOperations } from './conversations/operations.ts';
import { CONVERSATION_ERRORS } from './errors.ts';
import { EVENTS_TOTAL } from './metrics.ts';
import { conversationPages } from './pages/conversation-pages.ts';
import { protocolPages } from './pages/protocol-pages.ts';
import { processOperations } from './processes/operations.ts';
import { PROCESS_LOG } from './processes/process-log.ts';
import { PROCESS_TABLES, PROCESSES } from './processes/process-record.ts';
import { Processes } from './processes/processes.ts';
import { protocolOperations } from './protocols/operations.ts';
import { PROTOCOL_TABLES, PROTOCOLS, Protocols } from './protocols/protocols.ts';
import { STREAMS } from './streams.ts';
import { Verifier } from './verification/verifier.ts';

export const conversations = defineModule({
  name: 'conversations',
  needs: [
    'clock',
    'random',
    'hash',
    'signer',
    'log',
    'store',
    'notifications',
    'cache',
    'tracer',
    'metrics',
    'catalog',
  ],
  collections: [
    PROTOCOLS,
    PROTOCOL_TABLES,
    CONVERSATIONS,
    PAYLOADS,
    PROCESSES,
    PROCESS_TABLES,
    PROCESS_LOG,
    CHANNELS,
    MESSAGES,
  ],
  paths: ['protocols', 'conversations', 'agents', 'processes', 'channels'].flatMap((noun) => [
    `/api/${noun}`,
    `/${noun}`,
  ]),
  config: z.strictObject({
    /** Of the checker. */
    version: z.string().default('0'),
    /** For all assertions of one script. */
    verificationTimeoutMs: z.int().min(100).default(30_000),
    /** For each assertion. */
    stateCountMax: z.int().min(1).default(2_000_000),
    verificationMemoryMb: z.int().min(64).default(512),
    /** Scripts that may wait to be checked. */
    verificationQueueMax: z.int().min(1).default(64),
    /** How long a send or a receive waits when the request does not say. */
    channelTimeoutSeconds: z.number().min(0).max(300).default(30),
  }),
  errors: CONVERSATION_ERRORS,
  async start(capabilities, config) {
    const { clock, log, hash, cache } = capabilities;
    capabilities.metrics.counter(EVENTS_TOTAL);
    const limits = { timeoutMs: config.verificationTimeoutMs, stateCountMax: config.stateCountMax };
    const verifier = new Verifier({
      clock,
      log,
      hash,
      cache,
      version: config.version,
      queueMax: config.verificationQueueMax,
      memoryMb: config.verificationMemoryMb,
    });
    const protocols = new Protocols({ ...capabilities, verifier, limits });
    const held = new Conversations({ ...capabilities, protocols });
    const channels = new Channels(capabilities);
    const processes = new Processes({ ...capabilities, channels, verifier, limits });
    await processes.resume();
    return {
      operations: [
        ...protocolOperations(protocols),
        ...conversationOperations(held),
        ...agentOperations(capabilities.catalog),
        ...processOperations(processes, capabilities.catalog),
        ...channelOperations(channels, { timeoutSeconds: config.channelTimeoutSeconds }),
      ],
      streams: STREAMS,
      pages: [...conversationPages(held), ...protocolPages(protocols)],
      ready() {
        held
          .resume()
          .catch((cause: unknown) => log.error({ cause: String(cause) }, 'what still runs could not all be resumed'));
      },
      async health() {
        const [running, verified] = await Promise.all([
          held.list({ status: 'running', limit: 1, offset: 0 }),
          protocols.list({ status: 'verified', limit: 1, offset: 0 }),
        ]);
        return {
          healthy: true,
          detail: [
            amount(running.page.total, 'conversation runs', 'conversations run'),
            amount(verified.page.total, 'protocol is verified', 'protocols are verified'),
          ].join(', '),
        };
      },
      async stop() {
        await processes.close();
        await channels.close();
        await held.close();
        await verifier.close();
      },
    };
  },
});

function amount(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
