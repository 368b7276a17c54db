/** A TCP proxy that a test can cut: the network between a program and its server, with faults on demand. */
import { connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Sees what the client sends; true: the connection is cut instead of passing it on, or, with `after`, once it was passed on. */
  cutWhen(matches: ((sent: Buffer) => boolean) | undefined, when?: 'before' | 'after'): void;
  /** Refuses new connections and ends those there are, until `up`. */
  down(): void;
  up(): void;
  /** What the server answers arrives so much later. */
  delay(milliseconds: number): void;
  /** Connections stay open, and nothing passes any more in the directions named; those that are made later are not touched. */
  silence(direction: 'answers' | 'both'): void;
  /** The server seems to have ended its half of the connections; what the client sends still reaches it. */
  halfClose(): void;
  close(): Promise<void>;
}

export async function tcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let matches: ((sent: Buffer) => boolean) | undefined;
  let when: 'before' | 'after' = 'before';
  let isUp = true;
  let delayMs = 0;
  /** Connections that are open. */
  const pairs = new Set<{ readonly client: Socket; silent: 'no' | 'answers' | 'both' }>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (!isUp) {
      client.destroy();
      return;
    }
    const upstream = connect(target.port, target.host);
    let cut = false;
    const pair: { readonly client: Socket; silent: 'no' | 'answers' | 'both' } = { client, silent: 'no' };
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      // Half of it ended by its own end, not by ours: the other half ends too.
      one.on('end', () => other.end());
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
      } else if (pair.silent !== 'both') upstream.write(sent);
    });
    upstream.on('data', (answer) => {
      const pass = () => {
        if (!cut && pair.silent === 'no' && client.writable) client.write(answer);
      };
      if (delayMs === 0) pass();
      else setTimeout(pass, delayMs);
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
    delay(milliseconds) {
      delayMs = milliseconds;
    },
    silence(direction) {
      for (const pair of pairs) pair.silent = direction;
    },
    halfClose() {
      for (const { client } of pairs) client.end();
    },
    async close() {
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
