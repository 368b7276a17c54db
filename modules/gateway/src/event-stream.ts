/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a topic, over one answer that does not end.
 *
 * The same window as over a WebSocket: what the client has not taken is not queued for it. It is left out, and read from the ring of the
 * notifications when there is room; where the ring does not reach back far enough, the client is told of the gap.
 */
import type { ServerResponse } from 'node:http';
import type { Clock, Notification, Notifications } from '@enhanced-csp/platform';

/** Bytes on their way to a client, beyond which it waits. */
const WINDOW_BYTES = 256 * 1024;
/** A comment this often, so that nothing between takes the silence for the end. */
const BEAT_MS = 15_000;

/** `Last-Event-ID` as it is sent here: the run of the server, and the sequence number in the topic. */
export interface LastEvent {
  readonly run: string;
  readonly sequence: number;
}

export function lastEventOf(header: string | undefined): LastEvent | undefined {
  const match = /^([\w-]{1,64})\.(\d{1,15})$/.exec(header ?? '');
  return match === null ? undefined : { run: match[1] as string, sequence: Number(match[2]) };
}

/** Writes until the client goes, or `signal` ends it. */
export function streamEvents(
  response: ServerResponse,
  needs: { readonly clock: Clock; readonly notifications: Notifications },
  subscription: {
    readonly topic: string;
    readonly run: string;
    readonly last: LastEvent | undefined;
    readonly signal: AbortSignal;
  },
): void {
  const { clock, notifications } = needs;
  const { topic, run, last, signal } = subscription;
  let sequence = 0;
  let waiting = false;
  let unsubscribe = () => {};
  let cancelBeat = () => {};

  function write(text: string): void {
    if (!response.write(text) && response.writableLength >= WINDOW_BYTES) waiting = true;
  }

  function listen(since: number | undefined): void {
    waiting = false;
    unsubscribe();
    const started = notifications.subscribe(topic, since, (notification) => {
      if (waiting) return;
      sequence = notification.sequence;
      write(eventOf(notification, run));
    });
    unsubscribe = started.unsubscribe;
  }

  /** Known before it is replayed, so that the gap is told first. */
  function isGap(since: number | undefined): boolean {
    if (since === undefined) return false;
    const asked = notifications.subscribe(topic, since, () => {});
    asked.unsubscribe();
    return asked.gap;
  }

  function resume(since: number | undefined, otherRun: boolean): void {
    if (otherRun || isGap(since)) write(gapOf(since));
    listen(since);
  }

  function beat(): void {
    write(':\n\n');
    cancelBeat = clock.after(BEAT_MS, beat);
  }

  function end(): void {
    unsubscribe();
    cancelBeat();
    signal.removeEventListener('abort', end);
    response.end();
  }

  response.on('drain', () => {
    if (waiting) resume(sequence, false);
  });
  response.once('close', end);
  signal.addEventListener('abort', end);
  // The client waits this long before it comes back.
  write('retry: 1000\n\n');
  const otherRun = last !== undefined && last.run !== run;
  sequence = otherRun ? 0 : (last?.sequence ?? 0);
  resume(last === undefined ? undefined : sequence, otherRun);
  cancelBeat = clock.after(BEAT_MS, beat);
}

function eventOf({ sequence, at, data, topic }: Notification, run: string): string {
  return `id: ${run}.${sequence}\ndata: ${JSON.stringify({ channel: topic, seq: sequence, at, data })}\n\n`;
}

/** Something between the last event the client saw and the next is gone here; the operation at the same path has what is kept. */
function gapOf(since: number | undefined): string {
  return `event: gap\ndata: ${JSON.stringify({ since: since ?? 0 })}\n\n`;
}
