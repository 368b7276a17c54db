/** The gateway as a module: the last of an assembly, since it serves what stands before it. */
import { defineModule, Fault } from '@enhanced-csp/platform';
import { z } from 'zod';
import { GATEWAY_ERRORS } from './errors.ts';
import { openGateway } from './gateway.ts';
import { IDEMPOTENCY_KEYS } from './idempotency.ts';
import { SESSION_TABLES } from './session-tables.ts';
import { serveSockets } from './websocket.ts';

const limit = (perMinute: number, burst: number) =>
  z
    .strictObject({ perMinute: z.number().min(0).default(perMinute), burst: z.int().min(1).default(burst) })
    .prefault({});

export const gateway = defineModule({
  name: 'gateway',
  protocol: { tables: JSON.parse(SESSION_TABLES) },
  needs: ['clock', 'random', 'hash', 'log', 'store', 'catalog', 'notifications', 'metrics', 'tracer', 'protocol'],
  collections: [IDEMPOTENCY_KEYS],
  config: z.strictObject({
    name: z.string().min(1).default('Enhanced CSP'),
    version: z.string().default('0.0.0'),
    host: z.string().min(1).default('127.0.0.1'),
    /** 0: any free port. */
    port: z.int().min(0).max(65_535).default(0),
    debug: z.boolean().default(false),
    bodyBytesMax: z
      .int()
      .min(1)
      .default(1024 * 1024),
    runningMax: z.int().min(1).default(10_000),
    /** Other sites whose pages may call this server. */
    origins: z.array(z.string()).default([]),
    hstsSeconds: z.int().min(0).default(0),
    contentSecurityPolicy: z.string().optional(),
    /** Requests a minute from one address, by the rate class of the operation; 0: no limit. */
    rate: z.strictObject({ read: limit(0, 1), write: limit(0, 1), verify: limit(0, 1) }).prefault({}),
    /** Requests of any kind a minute from one address that is not of this machine, by HTTP and WebSocket together. */
    anonymous: limit(0, 1),
    /** In one GraphQL document: fields with another name in the answer, and fields of the root. */
    graphql: z
      .strictObject({ aliasesMax: z.int().min(0).default(100), rootFieldsMax: z.int().min(1).default(50) })
      .prefault({}),
    /** A WebSocket client is asked this often whether it is there, and dropped when it does not answer in time. */
    pingMs: z.int().min(1).default(20_000),
    pongMs: z.int().min(1).default(10_000),
    /** Bytes of the largest message a client may send. */
    frameBytesMax: z
      .int()
      .min(1)
      .default(1024 * 1024),
    /** Messages on their way to one client; of a subscription that acknowledges, those that it has not. */
    windowMessages: z.int().min(1).default(32),
    /** How long a client may take to answer a close. */
    closeMs: z.int().min(1).default(10_000),
    /** How long requests that still run may go on when the server stops. */
    drainMs: z.int().min(0).default(800),
  }),
  errors: GATEWAY_ERRORS,
  async start(needs, config) {
    const served = openGateway(needs, config);
    const { app, close } = served;
    const sockets = serveSockets(app.server, needs, served, config);
    try {
      await app.listen({ host: config.host, port: config.port });
    } catch (cause) {
      await close(0).catch(() => {});
      throw unreachable(cause, config);
    }
    const address = app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : config.port;
    return {
      url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
      async health() {
        return { healthy: true, detail: `${sockets.count()} WebSocket connections` };
      },
      async stop() {
        sockets.close();
        await close(config.drainMs);
      },
    };
  },
});

function unreachable(cause: unknown, { host, port }: { readonly host: string; readonly port: number }): Fault {
  const details = { host, port };
  return (cause as { code?: string }).code === 'EADDRINUSE'
    ? new Fault('CSP-GTW-014', 'conflict', `Port ${port} of ${host} is in use.`, { details, cause })
    : new Fault('CSP-GTW-015', 'invalid', `Nothing can listen on ${host}, port ${port}: ${(cause as Error).message}.`, {
        details,
        cause,
      });
}
