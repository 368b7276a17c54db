/** One WebSocket to a platform, subscribed to topics: what is told on it, whether it still lives, and its end. */
import { CommandFailed, EXIT } from './exit-codes.ts';

/** Sequence numbers count within a topic and a run of the server. */
export type Told =
  | {
      readonly type: 'event';
      readonly channel: string;
      readonly seq: number;
      readonly at: string;
      readonly data: unknown;
    }
  /** Some of what came after `since` is gone; without `since`, some of what came while nobody listened. */
  | { readonly type: 'gap'; readonly channel: string; readonly since?: number };

/** Comes before all that is told. */
export interface Subscribed {
  readonly type: 'subscribed';
  /** Names the run of the server. */
  readonly run: string;
  /** Topics that cannot be resumed without a gap. */
  readonly gaps: readonly string[];
}

export interface TopicConnection {
  /** Rejects with a `CommandFailed` when nobody answers, or the platform refuses a topic. */
  readonly subscribed: Promise<Subscribed>;
  /** Why it is over; never rejects. */
  readonly closed: Promise<string>;
  close(): void;
}

type Frame =
  | Told
  | (Subscribed & { readonly refused: readonly { readonly code: string; readonly detail: string }[] })
  | { readonly type: 'error'; readonly code: string; readonly detail: string }
  | { readonly type: 'pong' };

/**
 * @param request `since` and `run`: the last sequence numbers heard, and the run of the server in which they were.
 * @param quietMs a connection on which nothing is heard for so long is asked for a sign of life, and given up after as long again.
 */
export function connectToTopics(
  url: string,
  request: {
    readonly channels: readonly string[];
    readonly since?: Readonly<Record<string, number>>;
    readonly run?: string;
  },
  tell: (told: Told | Subscribed) => void,
  quietMs = 15_000,
): TopicConnection {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`);
  const subscribed = Promise.withResolvers<Subscribed>();
  const closed = Promise.withResolvers<string>();
  // Who waits for the end alone is told by `closed`.
  subscribed.promise.catch(() => {});
  let asked = false;

  function end(why: string): void {
    clearInterval(alive);
    socket.onmessage = null;
    socket.close();
    subscribed.reject(new CommandFailed(EXIT.unreachable, `${url}/ws takes no subscription: ${why}`));
    closed.resolve(why);
  }

  function refuse(exitCode: CommandFailed['exitCode'], why: string): void {
    subscribed.reject(new CommandFailed(exitCode, why));
    end(why);
  }

  const alive = setInterval(() => {
    if (asked) return end('it is silent');
    asked = true;
    if (socket.readyState === WebSocket.OPEN) socket.send('{"action":"ping"}');
  }, quietMs);

  socket.onopen = () => socket.send(JSON.stringify({ action: 'subscribe', ...request }));
  socket.onerror = () => end('the connection failed');
  socket.onclose = ({ code, reason }) => end(reason === '' ? `closed with ${code}` : reason);
  socket.onmessage = ({ data }) => {
    asked = false;
    const frame = JSON.parse(String(data)) as Frame;
    if (frame.type === 'event' || frame.type === 'gap') tell(frame);
    else if (frame.type === 'subscribed') {
      const [refusal] = frame.refused;
      if (refusal === undefined) {
        tell(frame);
        subscribed.resolve(frame);
      } else refuse(EXIT.notFound, `${refusal.code} ${refusal.detail}`);
    } else if (frame.type === 'error') refuse(EXIT.invalidInput, `${frame.code} ${frame.detail}`);
  };
  return { subscribed: subscribed.promise, closed: closed.promise, close: () => end('ended from here') };
}
