/** The work of `csp watch`, loaded when the command is called. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flags } from '../commands/watch.ts';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { CommandFailed, EXIT, exitCodeOfError } from '../exit-codes.ts';
import { tableOf } from '../readable.ts';
import { connectToTopics, type Subscribed, type Told } from '../topic-connection.ts';
import { topicsOfPlatform } from './platform-documents.ts';

const PAUSE_MIN_MS = 200;
const PAUSE_MAX_MS = 5000;

export async function watch(this: Context, flags: Flags, ...channels: string[]): Promise<void> {
  const url = urlOf(flags, this.env);
  if (flags.list) {
    const topics = await topicsOfPlatform(url);
    if (flags.json) this.print(JSON.stringify({ topics }));
    else this.print(tableOf(topics, this.paint));
    return;
  }
  if (channels.length === 0) throw new CommandFailed(EXIT.usage, 'name a topic; those there are: csp watch --list');
  let left = flags.count ?? Number.POSITIVE_INFINITY;
  await followTopics(url, channels, {
    since: flags.since,
    say: (text) => this.say(text),
    tell: (told) => {
      if (left === 0) return false;
      if (told.type === 'event') left -= 1;
      if (flags.json) this.print(JSON.stringify(told));
      else if (told.type === 'event') this.print(lineOf(told));
      else this.say(`${told.channel}: a gap${told.since === undefined ? '' : ` after ${told.since}`}`);
      return left > 0;
    },
  });
}

function lineOf({ channel, seq, at, data }: Extract<Told, { type: 'event' }>): string {
  return `${at}  ${channel}  ${seq}  ${JSON.stringify(data)}`;
}

/** Tells what comes on the topics, connection after connection, until `tell` returns false. */
export async function followTopics(
  url: string,
  channels: readonly string[],
  options: {
    readonly since?: number | undefined;
    readonly quietMs?: number;
    say(text: string): void;
    tell(told: Told): boolean;
  },
): Promise<void> {
  const heard = new Map(options.since === undefined ? [] : channels.map((channel) => [channel, options.since!]));
  let run: string | undefined;
  let done = false;

  function receive(told: Told | Subscribed): void {
    if (done) return;
    if (told.type === 'subscribed') resume(told);
    else {
      if (told.type === 'event') heard.set(told.channel, told.seq);
      done = !options.tell(told);
    }
  }

  function resume(subscribed: Subscribed): void {
    if (run !== undefined) options.say(`connected to ${url} again`);
    for (const channel of channels) {
      const since = heard.get(channel);
      if (subscribed.gaps.includes(channel) || (run !== undefined && since === undefined))
        options.tell({ type: 'gap', channel, ...(since !== undefined && { since }) });
      // Another run counts anew.
      if (since !== undefined && run !== undefined && run !== subscribed.run) heard.set(channel, 0);
    }
    ({ run } = subscribed);
  }

  for (let pause = PAUSE_MIN_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
    const since = heard.size > 0 && { since: Object.fromEntries(heard) };
    const connection = connectToTopics(
      url,
      { channels, ...since, ...(run !== undefined && { run }) },
      (told) => {
        receive(told);
        if (done) connection.close();
      },
      options.quietMs,
    );
    const first = run === undefined;
    const connected = await connection.subscribed.then(
      () => true,
      (error: unknown) => {
        // Once there was a platform, it may come back.
        if (first || exitCodeOfError(error) !== EXIT.unreachable) throw error;
        return false;
      },
    );
    const why = await connection.closed;
    if (done) return;
    if (connected) {
      pause = PAUSE_MIN_MS;
      options.say(`the connection to ${url} is lost (${why}); trying again`);
    }
    await sleep(pause);
  }
}
