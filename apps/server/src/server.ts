/** Starts the product: configuration, capabilities of the machine, assembly. */
import { resolve } from 'node:path';
import {
  assemble,
  type LoadedConfiguration,
  type Module,
  notificationsInMemory,
  type Platform,
} from '@enhanced-csp/platform';
import { MODULES, moduleConfiguration } from './assembly.ts';
import { installationSigner, systemClock, systemHash, systemRandom } from './capabilities.ts';
import { type ConfigurationOptions, readConfiguration, refuseInvalid } from './configuration.ts';
import { openLog, type Write } from './log.ts';
import { tracerOf } from './tracing.ts';

export interface ServerOptions extends ConfigurationOptions {
  /** Default: `MODULES`. */
  readonly modules?: readonly Module[];
  /** Takes the lines of the log. Default: stderr. */
  readonly writeLog?: Write;
}

export interface RunningServer {
  /** `http://127.0.0.1:8000` */
  readonly url: string;
  /** Absolute. */
  readonly dataFolder: string;
  readonly configuration: LoadedConfiguration;
  readonly platform: Platform;
  /** Ends what runs, within `limits.drain_seconds` and a little; what was acknowledged is in the store. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * ```ts
 * const server = await startServer({ flags: { port: 0, data_dir: 'csp-data' } });
 * await fetch(`${server.url}/health`);
 * await server.stop();
 * ```
 * @throws Fault `CSP-CFG-...` for the configuration, `CSP-STO-006` when the data folder is taken, `CSP-GTW-014` when the port is.
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const configuration = refuseInvalid(await readConfiguration(options));
  const { values } = configuration;
  const log = await openLog(
    {
      level: values.log.level ?? (values.debug ? 'debug' : 'info'),
      format: values.log.format ?? (values.environment === 'production' ? 'json' : 'text'),
    },
    options.writeLog,
  );
  for (const { place, message } of configuration.diagnostics) log.warn({ place }, message);
  const dataFolder = resolve(options.folder ?? process.cwd(), values.data_dir);

  const tracing = await tracerOf(options.env ?? process.env, log);
  const platform = await assemble(options.modules ?? MODULES, moduleConfiguration(values, dataFolder), {
    clock: systemClock,
    random: systemRandom,
    hash: systemHash,
    signer: installationSigner(dataFolder),
    log,
    notifications: notificationsInMemory({
      clock: systemClock,
      onFault: (fault) => log.error({ cause: String(fault) }, 'a subscriber could not be told'),
    }),
    ...(tracing === undefined ? {} : { tracer: tracing }),
  });
  const [url = ''] = Object.values(platform.urls);
  log.debug({ url, dataFolder, modules: platform.modules }, 'started');
  if (!isLoopbackAddress(values.host))
    log.warn({ host: values.host }, 'anyone who reaches this address may do everything: there are no accounts yet');

  let stopping: Promise<void> | undefined;
  return {
    url,
    dataFolder,
    configuration,
    platform,
    stop() {
      stopping ??= platform
        .stop()
        .finally(() => tracing?.close())
        .then(() => log.debug({}, 'stopped'));
      return stopping;
    },
  };
}

function isLoopbackAddress(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
