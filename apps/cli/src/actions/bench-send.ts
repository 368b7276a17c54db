/** The work of `csp bench send`, loaded when the command is called. */
import { interruptible, patiently, withChannel } from '../bench-channel.ts';
import { clientOf } from '../client.ts';
import type { SendFlags } from '../commands/bench.ts';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { EXIT } from '../exit-codes.ts';
import { type Load, load } from '../load.ts';
import {
  amount,
  clientLine,
  clientMeter,
  figuresJson,
  percentileLine,
  percentilesOf,
  progressOf,
  rateOf,
  refusalsOf,
  sayRefusals,
} from '../load-report.ts';

/** On a channel where somebody must receive; well below the patience of the connection. */
const PEER_SECONDS = 5;

export async function benchSend(this: Context, flags: SendFlags): Promise<void> {
  const url = urlOf(flags, this.env);
  const client = clientOf(url);
  const message = { event: { data: 'x'.repeat(flags.size) }, timeout: PEER_SECONDS };
  const content = Buffer.from(JSON.stringify(message));
  const channelOf = <Result>(work: (channelId: string) => Promise<Result>) =>
    flags.channel === undefined ? withChannel(client, this, work) : work(flags.channel);

  // The channel is gone before anything is printed: whoever reads it may stop reading.
  const measured = await interruptible((signal) =>
    channelOf(async (channel_id) => {
      const { events: before } = await client.channels.get({ channel_id });
      const meter = clientMeter();
      const target = new URL(`${url}/api/channels/${encodeURIComponent(channel_id)}/send`);
      const { connections, seconds, messages } = flags;
      const result = await load(target, {
        connections,
        seconds,
        messages,
        signal,
        body: () => content,
        answered: progressOf(this),
      });
      const busy = meter();
      const stored = await patiently(() => client.channels.get({ channel_id })).then(
        ({ events }) => events - before,
        // It went away: that is told by what had no answer.
        () => undefined,
      );
      return { url, channel_id, result, busy, stored };
    }),
  );
  report(this, flags, measured);
}

function report(
  context: Context,
  { connections, size, json, channel }: SendFlags,
  measured: {
    readonly url: string;
    readonly channel_id: string;
    readonly result: Load;
    readonly busy: ReturnType<ReturnType<typeof clientMeter>>;
    readonly stored: number | undefined;
  },
): void {
  const { url, channel_id, result, busy, stored } = measured;
  const { accepted, milliseconds, broken } = result;
  const latency = percentilesOf(result.latency);
  const rate = rateOf(accepted, milliseconds);
  const lost = stored === undefined ? undefined : Math.max(0, accepted - stored);
  // On a channel of others, others send as well.
  const doubled =
    stored === undefined || channel !== undefined ? undefined : Math.max(0, stored - accepted - broken.length);
  if (json)
    context.print(
      figuresJson({
        url,
        channel_id,
        connections,
        size,
        seconds: milliseconds / 1000,
        accepted,
        rate,
        answers: Object.fromEntries(result.answers),
        latency_ms: latency ?? null,
        refusals: refusalsOf(result),
        unanswered: broken.length,
        stored: stored ?? null,
        lost: lost ?? null,
        doubled: doubled ?? null,
        client: busy,
      }),
    );
  else {
    const { strong, faint } = context.paint;
    context.print(`${strong(`${amount(rate)} messages/s`)}, each durable when it was answered`);
    context.print(
      `${amount(accepted)} accepted in ${(milliseconds / 1000).toFixed(2)} s, ${connections} connections, ${size} bytes`,
    );
    context.print(`latency  ${percentileLine(latency)}`);
    context.print(faint(clientLine(busy.busy, url)));
  }
  sayRefusals(context, result);
  const bad = (count: number | undefined, what: string) => {
    if (count !== undefined && count > 0) context.say(`${context.paint.bad('✗')} ${amount(count)} ${what}`);
  };
  bad(lost, 'were acknowledged and are not on the channel');
  bad(doubled, 'more are on the channel than were sent');
  if (stored === undefined) context.say('whether all of them are stored is not known: the platform did not say');
  if ((lost ?? 0) > 0 || (doubled ?? 0) > 0) context.end(EXIT.propertyFails);
  else if (broken.length > 0 || stored === undefined) context.end(EXIT.unreachable);
  else if (result.refusals.size > 0) context.end(EXIT.propertyFails);
}
