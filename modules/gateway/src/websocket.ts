/** WebSocket at `/ws`: connections, heartbeats and the end; what is said on a connection is in `subscriber.ts`. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Capabilities, Fault } from '@enhanced-csp/platform';
import type { WebSocket, WebSocketServer } from 'ws';
import { ConnectedClient } from './connected-client.ts';
import type { Gateway } from './gateway.ts';
import { refuseOtherSites } from './origin.ts';
import type { SessionMonitor, Violation } from './session-monitor.ts';
import { type Shared, Subscriber, topicsOf } from './subscriber.ts';

const VIOLATIONS_TOTAL = {
  name: 'csp_violations_total',
  help: 'What was done outside a specification that is watched: by the platform itself, a defect (protocol).',
  labels: ['kind'],
};

export interface SocketOptions {
  /** The address the server is bound to. */
  readonly host: string;
  /** Other sites whose pages may connect. */
  readonly origins?: readonly string[];
  readonly pingMs?: number;
  readonly pongMs?: number;
  /** How long a client may take nothing before it is cut off. */
  readonly stallMs?: number;
  readonly frameBytesMax?: number;
  readonly windowMessages?: number;
  /** How long a client may take to answer a close. */
  readonly closeMs?: number;
  readonly connectionsMax?: number;
}

export interface Sockets {
  count(): number;
  /** Tells every client that the server goes away, and drops those that do not answer within half a second. */
  close(): void;
}

export function serveSockets(
  server: Server,
  needs: Pick<Capabilities, 'clock' | 'random' | 'log' | 'catalog' | 'notifications' | 'protocol'> &
    Partial<Pick<Capabilities, 'metrics'>>,
  gateway: Pick<Gateway, 'admit' | 'graphql' | 'listen' | 'publish' | 'refuseUpgrade'>,
  options: SocketOptions,
): Sockets {
  const { clock, catalog, log, random } = needs;
  const {
    pingMs = 20_000,
    pongMs = 10_000,
    stallMs = 10_000,
    frameBytesMax = 1024 * 1024,
    connectionsMax = 10_000,
    closeMs = 10_000,
  } = options;
  const shared: Shared = {
    clock,
    notifications: needs.notifications,
    topics: topicsOf(catalog.streams()),
    errors: catalog.errors(),
    run: random.id('run'),
    stallMs,
    windowMessages: options.windowMessages,
  };
  const connections = new Set<WebSocket>();
  const clients = needs.metrics?.gauge({ name: 'csp_ws_clients', help: 'WebSocket clients that are connected.' });
  clients?.set(0);
  const violations = needs.metrics?.counter(VIOLATIONS_TOTAL);
  // Where nothing has happened yet, alerts have to know it from nothing being counted.
  violations?.add(0, 'protocol');
  let accepting = true;
  let opened: Promise<{ upgrades: WebSocketServer; monitor: SessionMonitor }> | undefined;

  // The first client pays for the protocol code, not the start of the server.
  const protocol = () => (opened ??= open());

  async function open() {
    const [{ WebSocketServer }, { SessionMonitor }] = await Promise.all([import('ws'), import('./session-monitor.ts')]);
    const monitor = await SessionMonitor.of(needs.protocol, report);
    const upgrades = new WebSocketServer({
      noServer: true,
      maxPayload: frameBytesMax,
      perMessageDeflate: false,
      ...{ closeTimeout: closeMs },
    });
    return { upgrades, monitor };
  }

  function report(violation: Violation): void {
    violations?.add(1, 'protocol');
    log.error({ ...violation }, 'the gateway has left the protocol of a WebSocket session');
  }

  server.on('upgrade', (request, socket, head) => {
    socket.on('error', destroyed);
    try {
      admit(request);
    } catch (thrown) {
      return gateway.refuseUpgrade(request, socket, thrown);
    }
    const served =
      pathOf(request) === '/ws'
        ? protocol().then(({ upgrades, monitor }) =>
            upgrades.handleUpgrade(request, socket, head, (client) =>
              connect(client, socket, addressOf(request), monitor),
            ),
          )
        : gateway.graphql().then((graphql) => graphql.upgrade(request, socket, head));
    served.catch((cause) => {
      log.error({ cause: String(cause) }, 'WebSocket cannot be served');
      socket.destroy();
    });
  });

  /** In the order of other requests: whoever comes from another site is not counted, and what is not there is. */
  function admit(request: IncomingMessage): void {
    refuseOtherSites(request.headers, options.host, options.origins);
    if (!accepting) throw new Fault('CSP-GTW-009', 'unavailable', 'The server is stopping.');
    if (connections.size >= connectionsMax)
      throw new Fault('CSP-GTW-027', 'unavailable', `${connections.size} WebSocket clients are connected already.`);
    gateway.admit(addressOf(request));
    const path = pathOf(request);
    if (path !== '/ws' && path !== '/graphql')
      throw new Fault(
        'CSP-GTW-005',
        'not found',
        `There is no WebSocket at ${path}; it is at /ws, and GraphQL's at /graphql.`,
      );
  }

  function connect(socket: WebSocket, wire: Duplex, address: string, monitor: SessionMonitor): void {
    connections.add(socket);
    clients?.set(connections.size);
    const client = new ConnectedClient(socket, wire, address, gateway);
    const subscriber = new Subscriber(client, monitor.session(), shared);
    const stopHeartbeat = heartbeat(socket);
    socket.on('message', (data, binary) => {
      if (binary) subscriber.receiveBinary();
      else subscriber.receive(data.toString());
    });
    // ws answers protocol errors with the right close code by itself; `close` follows.
    socket.on('error', (cause) => log.debug({ cause: cause.message }, 'a WebSocket client broke the protocol'));
    socket.on('close', () => {
      connections.delete(socket);
      clients?.set(connections.size);
      stopHeartbeat();
      subscriber.end();
      client.end();
    });
  }

  function heartbeat(socket: WebSocket): () => void {
    let cancel: () => void;
    const ping = () => {
      socket.ping();
      cancel = clock.after(pongMs, () => socket.terminate());
    };
    const wait = () => {
      cancel = clock.after(pingMs, ping);
    };
    socket.on('pong', () => {
      cancel();
      wait();
    });
    wait();
    return () => cancel();
  }

  return {
    count: () => connections.size,
    close() {
      accepting = false;
      for (const socket of connections) {
        socket.close(1001, 'the server is stopping');
        const drop = clock.after(Math.min(500, closeMs), () => socket.terminate());
        socket.once('close', drop);
      }
    },
  };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] as string;
}

/** Knows its socket by being called on it: a function made in the listener would keep the whole request, as long as the connection lasts. */
function destroyed(this: Duplex): void {
  this.destroy();
}

function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}
