/** `csp bench`: what this installation does, measured from where the command runs. */
import { buildCommand, buildRouteMap } from '@stricli/core';
import type { Context } from '../context.ts';
import { ordinal, positive } from '../flags.ts';
import { remoteFlags } from './operations.ts';

interface RemoteFlags {
  readonly url: string | undefined;
  readonly context: string | undefined;
  readonly json: boolean;
}

export interface SendFlags extends RemoteFlags {
  readonly connections: number;
  readonly seconds: number;
  readonly messages: number | undefined;
  readonly size: number;
  readonly channel: string | undefined;
}

export interface WsFlags extends RemoteFlags {
  readonly clients: number;
  readonly publishers: number;
  readonly seconds: number;
  readonly messages: number | undefined;
}

export interface VerifyFlags {
  readonly json: boolean;
  readonly repeat: number;
  readonly philosophers: number;
}

const number = (given: string, brief: string) => ({ kind: 'parsed', parse: ordinal, default: given, brief }) as const;
const seconds = { kind: 'parsed', parse: positive, default: '10', brief: 'How long' } as const;
const messages = {
  kind: 'parsed',
  parse: ordinal,
  optional: true,
  brief: 'End after so many messages, if that is sooner',
} as const;

const SHARED =
  'The command works in one process: when it is said to be busy nearly all the time, it was the limit and not the platform. On one machine both share its cores, and the figures are those of both.';

export const benchCommand = buildRouteMap({
  routes: {
    send: buildCommand<SendFlags, [], Context>({
      docs: {
        brief: 'Measure durable sends on a channel of a running platform',
        fullDescription: [
          '  csp bench send',
          '  csp bench send --connections 8 --seconds 30 --json',
          '  csp bench send --messages 100000 --size 1024 --context production',
          '',
          'Sends over HTTP on connections that are kept, each when the answer before has come: every answer counted as accepted came after its message was durable. Works on a sliding channel of its own, which is deleted at the end and on Ctrl-C; what --channel is sent stays there.',
          'Latencies are of accepted messages. What was refused is counted apart, by code, with the setting that bounds it. At the end the platform is asked whether it has as many messages as it acknowledged.',
          SHARED,
          'Exit status: 0 all accepted, 1 some refused, lost or doubled, 3 no such channel, 6 nobody answers, also when connections break.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          ...remoteFlags,
          connections: number('64', 'How many at the same time'),
          seconds,
          messages,
          size: number('128', 'Bytes of the data of a message'),
          channel: { kind: 'parsed', parse: String, optional: true, brief: 'Id of a channel there is' },
        },
      },
      loader: async () => (await import('../actions/bench-send.ts')).benchSend,
    }),
    ws: buildCommand<WsFlags, [], Context>({
      docs: {
        brief: 'Measure deliveries to WebSocket clients of a running platform',
        fullDescription: [
          '  csp bench ws',
          '  csp bench ws --clients 1000 --publishers 4',
          '  csp bench ws --clients 10 --messages 5000 --json',
          '',
          'Clients subscribe to the topic of a channel of its own, publishers send on it. Latency is from the beginning of a send to each client hearing of it, so the commit is part of it.',
          'Every client must hear of every message once and in order, by the sequence numbers.',
          SHARED,
          'Exit status: 0 all delivered, 1 a delivery lost, doubled or out of order, or a message refused, 6 nobody answers, also when connections break.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          ...remoteFlags,
          clients: number('100', 'Subscribers'),
          publishers: number('1', 'Connections that send'),
          seconds,
          messages,
        },
      },
      loader: async () => (await import('../actions/bench-ws.ts')).benchWs,
    }),
    verify: buildCommand<VerifyFlags, [string?], Context>({
      docs: {
        brief: 'Measure the checker on this machine',
        fullDescription: [
          '  csp bench verify',
          '  csp bench verify --philosophers 7 --repeat 5 --json',
          '  csp bench verify deal.csp',
          '',
          'First the verdicts: every assertion must hold, and without FILE the dining philosophers must have as many states as other checkers have counted. Only then is it measured.',
          'Times are medians of --repeat runs after that first one; memory is what the process took in the first run at its peak, above what it had before.',
          'Exit status: 0 measured, 1 an assertion fails, or another number of states, 3 no such file, 5 the script is wrong, 8 undecided.',
        ].join('\n'),
      },
      parameters: {
        flags: {
          repeat: number('3', 'Runs that are measured'),
          philosophers: number('8', 'How many: 6, 7 or 8'),
          json: remoteFlags.json,
        },
        positional: {
          kind: 'tuple',
          parameters: [{ parse: String, placeholder: 'FILE', optional: true, brief: 'A script' }],
        },
      },
      loader: async () => (await import('../actions/bench-verify.ts')).benchVerify,
    }),
  },
  docs: { brief: 'Measure a running platform, or the checker' },
});
