/** `csp start`: the platform, until it is told to stop. */
import { resolve } from 'node:path';
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { portNumber } from '../flags.ts';

interface Flags {
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly data: string | undefined;
  readonly config: string | undefined;
  readonly demonstration: boolean;
  readonly detach: boolean;
  readonly json: boolean;
}

export const startCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Start the platform',
    fullDescription: [
      '  csp start',
      '  csp start --port 9000 --data /var/lib/csp',
      '  csp start --config production.yaml',
      '  csp start --detach && csp status && csp stop',
      '',
      'Serves the platform on embedded storage. Needs no other server, no key, no configuration.',
      'Flags win over CSP_PORT, CSP_DATA_DIR and the like, those over .env, that over the file. Ctrl-C stops cleanly; a second one at once.',
      'Exit status: 0 stopped, 4 the port or the data folder is taken, 5 the configuration is wrong.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      port: {
        kind: 'parsed',
        parse: portNumber,
        optional: true,
        brief: 'Port to listen on; 0 takes a free one  [8000]',
      },
      host: { kind: 'parsed', parse: String, optional: true, brief: 'Address to listen on  [127.0.0.1]' },
      data: { kind: 'parsed', parse: String, optional: true, brief: 'Data folder  [csp-data]' },
      config: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'Configuration file  [csp.yaml, when there is one]',
      },
      demonstration: {
        kind: 'boolean',
        default: false,
        brief: 'Verify a negotiation between three agents and let it run, once with a rogue',
      },
      detach: {
        kind: 'boolean',
        default: false,
        brief: 'Start in the background; its log is csp.log in the data folder',
      },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document when it runs' },
    },
  },
  async func({ port, host, data, config, demonstration, detach, json }) {
    const { readConfiguration, refuseInvalid, startServer } = await import('@enhanced-csp/server');
    const options = {
      file: config,
      env: this.env,
      flags: {
        ...(port !== undefined && { port }),
        ...(host !== undefined && { host }),
        ...(data !== undefined && { data_dir: data }),
      },
    };
    const { forgetRunning, noteRunning, startDetached } = await import('../actions/detached.ts');
    const args = Object.entries({ port, host, data, config }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, String(value)],
    );
    if (detach) {
      const dataFolder = resolve(refuseInvalid(await readConfiguration(options)).values.data_dir);
      const { url, pid } = await startDetached(args, process.cwd(), dataFolder);
      const stop = [
        'csp stop',
        ...(data === undefined ? [] : ['--data', data]),
        ...(config === undefined ? [] : ['--config', config]),
      ];
      this.print(
        json
          ? JSON.stringify({ url, pid, data_folder: dataFolder })
          : `Enhanced CSP is at ${this.paint.strong(url)}\n${this.paint.faint(`  data ${dataFolder}, process ${pid}, stop with: ${stop.join(' ')}`)}`,
      );
      return;
    }

    (await import('../doors.ts')).openDoors();
    const server = await startServer(options);
    const { url, dataFolder } = server;
    noteRunning(dataFolder, { pid: process.pid, url, args, folder: process.cwd() });
    const stopped = untilToldToStop(() => server.stop().finally(() => forgetRunning(dataFolder)));
    if (json) this.print(JSON.stringify({ url, pid: process.pid, data_folder: dataFolder }));
    else {
      this.print(`Enhanced CSP is at ${this.paint.strong(url)}`);
      this.print(this.paint.faint(`  data ${dataFolder}, process ${process.pid}, stop with Ctrl-C`));
    }
    if (demonstration) {
      const { demonstrate } = await import('../demonstration.ts');
      await demonstrate(url, this).catch((error: unknown) => {
        // The platform is up and stays up; what did not work is said.
        this.say(`the demonstration ended early: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
    await stopped;
  },
});

/** Resolves when the first SIGINT or SIGTERM has been answered by `stop`. The second signal ends the process at once. */
function untilToldToStop(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (told) process.exit(signal === 'SIGINT' ? 130 : 143);
      told = true;
      stop().then(resolve, reject);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
