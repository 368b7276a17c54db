/**
 * A topic as an async iterator. At most `WINDOW` notifications wait for whoever reads; beyond, they are left to the ring and read from it later, and
 * where the ring does not reach back far enough, a notification with `gap` says so.
 */
import type { Notification, Notifications } from '@enhanced-csp/platform';

const WINDOW = 64;

export interface Followed {
  readonly channel: string;
  readonly seq: number;
  readonly at: string | null;
  readonly data: unknown;
  readonly gap: boolean;
}

export function follow(
  notifications: Notifications,
  topic: string,
  since: number | null | undefined,
): AsyncIterableIterator<Followed> {
  const waiting: Followed[] = [];
  let last = since ?? 0;
  let behind = false;
  let ended = false;
  let wake = () => {};
  let unsubscribe = () => {};

  function hear({ sequence: seq, at, data, topic: channel }: Notification): void {
    if (behind || waiting.length >= WINDOW) behind = true;
    else waiting.push({ channel, seq, at, data, gap: false });
    wake();
  }

  function listen(from: number | undefined): void {
    behind = false;
    unsubscribe();
    const started = notifications.subscribe(topic, from, hear);
    unsubscribe = started.unsubscribe;
    if (started.gap) waiting.unshift({ channel: topic, seq: last, at: null, data: null, gap: true });
  }

  listen(since ?? undefined);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (!ended) {
        const next = waiting.shift();
        if (next !== undefined) {
          last = next.seq;
          return { value: next, done: false };
        }
        if (behind) listen(last);
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
      return { value: undefined, done: true };
    },
    async return() {
      ended = true;
      unsubscribe();
      wake();
      return { value: undefined, done: true };
    },
  };
}
