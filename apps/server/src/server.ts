/** Starts the product: configuration, capabilities of the machine, assembly. */
import { resolve } from 'node:path';
import {
  assemble,
  type Configuration,
  type LoadedConfiguration,
  type Module,
  notificationsInMemory,
  type Platform,
} from '@enhanced-csp/platform';
import { MODULES, moduleConfiguration, switched } from './assembly.ts';
import { installationSigner, systemClock, systemHash, systemRandom } from './capabilities.ts';
import { type ConfigurationOptions, readConfiguration, refuseInvalid } from './configuration.ts';
import type { LoadedModules } from './load-modules.ts';
import { openLog, type Write } from './log.ts';
import { openLogFile } from './log-file.ts';
import { tracerOf } from './tracing.ts';

export interface ServerOptions extends ConfigurationOptions {
  /** Default: `MODULES`. */
  readonly modules?: readonly Module[];
  /** For those of `modules` that the configuration does not know, by their names. */
  readonly moduleConfig?: Readonly<Record<string, unknown>>;
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
  const folder = options.folder ?? process.cwd();
  const loaded = await modulesOf(values, folder);
  const logFile = values.log.file === undefined ? undefined : openLogFile(resolve(folder, values.log.file));
  const log = await openLog(
    {
      level: values.log.level ?? (values.debug ? 'debug' : 'info'),
      format: values.log.format ?? (values.environment === 'production' ? 'json' : 'text'),
    },
    logFile?.write ?? options.writeLog,
  );
  for (const { place, message } of configuration.diagnostics) log.warn({ place }, message);
  const dataFolder = resolve(folder, values.data_dir);

  const tracing = await tracerOf(options.env ?? process.env, log);
  const { modules, switchedOff } = switched(withThose(options.modules ?? MODULES, loaded.modules), values);
  const platform = await assemble(
    modules,
    { ...loaded.config, ...options.moduleConfig, ...moduleConfiguration(values, dataFolder) },
    {
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
    },
    switchedOff,
  ).catch((fault: unknown) => {
    logFile?.close();
    throw fault;
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
        .then(() => log.debug({}, 'stopped'))
        .finally(() => logFile?.close());
      return stopping;
    },
  };
}

/** Most have none, and do not wait for what loads them. */
async function modulesOf({ modules }: Configuration, folder: string): Promise<LoadedModules> {
  if (modules.length === 0) return { modules: [], config: {} };
  return (await import('./load-modules.ts')).loadModules(modules, folder);
}

/** Before the gateway, which serves what stands before it. */
function withThose(modules: readonly Module[], others: readonly Module[]): readonly Module[] {
  const last = modules.findLastIndex(({ name }) => name === 'gateway');
  return last < 0 ? [...modules, ...others] : modules.toSpliced(last, 0, ...others);
}

function isLoopbackAddress(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
