/** `csp status`: what a running platform says of itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { buildCommand } from '@stricli/core';
import { fetchFrom } from '../client.ts';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { remoteFlags } from './operations.ts';

interface Flags {
  readonly url: string | undefined;
  readonly context: string | undefined;
  readonly watch: boolean;
  readonly json: boolean;
}

interface Health {
  readonly status: string;
  readonly components?: Readonly<Record<string, { readonly healthy: boolean; readonly detail: string }>>;
}

const WATCH_MS = 2000;

export const statusCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Ask a running platform how it is',
    fullDescription: [
      '  csp status',
      '  csp status --json',
      '  csp status --watch --url http://127.0.0.1:9000',
      '',
      'Reads /health of a running platform; with --watch again every two seconds, until interrupted.',
      'Exit status: 0 healthy, 1 degraded, 6 nobody answers.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      ...remoteFlags,
      watch: { kind: 'boolean', default: false, brief: 'Ask again every two seconds' },
    },
  },
  async func(flags) {
    const url = urlOf(flags, this.env);
    do {
      const health = await ask(url).catch((error: unknown) => {
        // Whoever watches wants to see it come back.
        if (!flags.watch) throw error;
        return { status: 'unreachable' } as Health;
      });
      show(this, flags, url, health);
      if (flags.watch) await sleep(WATCH_MS);
    } while (flags.watch);
  },
});

function show(context: Context, { json, watch }: Flags, url: string, health: Health): void {
  const { paint, print } = context;
  if (json) print(JSON.stringify({ url, ...health }));
  else {
    print(`${watch ? `${new Date().toISOString().slice(11, 19)}  ` : ''}${url}  ${health.status}`);
    for (const [name, { healthy, detail }] of Object.entries(health.components ?? {}))
      print(`  ${healthy ? paint.good('✓') : paint.bad('✗')} ${name.padEnd(16)} ${detail}`);
  }
  context.end(health.status === 'healthy' ? EXIT.ok : EXIT.propertyFails);
}

async function ask(url: string): Promise<Health> {
  const response = await fetchFrom(url)(new URL('/health', url), { signal: AbortSignal.timeout(5000) });
  return (await response.json().catch((cause: unknown) => {
    throw new CommandFailed(EXIT.unreachable, `what answers at ${url} is no platform`, { cause });
  })) as Health;
}
