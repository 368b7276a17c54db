/** A channel that lives as long as a measurement. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, Problem } from './client.ts';
import type { Context } from './context.ts';

const TRIES_MAX = 10;
const PAUSE_MAX_SECONDS = 5;

/** Aborted by Ctrl-C, so that what was begun is ended; a second one ends the process. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** Sliding, so that it never refuses; of one place, so that at the end there is little to receive. */
export async function withChannel<Result>(
  client: Client,
  context: Context,
  work: (channelId: string) => Promise<Result>,
): Promise<Result> {
  const { channel_id } = await client.channels.create({
    name: `bench-${randomUUID()}`,
    type: 'sliding',
    buffer_size: 1,
  });
  try {
    return await work(channel_id);
  } finally {
    await remove(client, channel_id).catch((error: Error) =>
      context.say(`the channel stays: ${error.message}\n  csp channels delete ${channel_id}`),
    );
  }
}

/** Only an empty channel can be deleted. */
async function remove(client: Client, channel_id: string): Promise<void> {
  const { buffered } = await patiently(() => client.channels.get({ channel_id }));
  if (buffered > 0) await patiently(() => client.channels.receive({ channel_id, timeout: 0 }));
  await patiently(() => client.channels.delete({ channel_id }));
}

/** Tries again where a platform that was asked for too much wants a pause. */
export async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Problem) || (error.status !== 429 && error.status !== 503) || tries === TRIES_MAX)
        throw error;
      const { retry_after_seconds: seconds } = error.document;
      await sleep(1000 * Math.min(typeof seconds === 'number' ? seconds : 1, PAUSE_MAX_SECONDS));
    }
  }
}
