/** A TCP proxy that a test can cut: the network between a program and its server, with faults on demand. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Sees what the client sends; true: the connection is cut instead of passing it on, or, with `after`, once it was passed on. */
  cutWhen(matches: ((sent: Buffer) => boolean) | undefined, when?: 'before' | 'after'): void;
  /** Refuses new connections and ends those there are, until `up`. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

export async function tcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let matches: ((sent: Buffer) => boolean) | undefined;
  let when: 'before' | 'after' = 'before';
  let isUp = true;
  const server = createServer((client) => {
    if (!isUp) {
      client.destroy();
      return;
    }
    const upstream = connect(target.port, target.host);
    let cut = false;
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        // What was passed on still reaches the server.
        if (one === client && cut) upstream.end();
        else other.destroy();
      });
    }
    client.on('data', (sent) => {
      if (matches?.(sent) === true) {
        matches = undefined;
        cut = true;
        if (when === 'after') upstream.write(sent, () => client.destroy());
        else {
          client.destroy();
          upstream.destroy();
        }
      } else upstream.write(sent);
    });
    upstream.on('data', (answer) => {
      if (!cut) client.write(answer);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    cutWhen(next, at = 'before') {
      matches = next;
      when = at;
    },
    down() {
      isUp = false;
      endAll();
    },
    up() {
      isUp = true;
    },
    async close() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
