/** `csp status`: what a running platform says of itself. */
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

interface Flags {
  readonly url: string;
  readonly json: boolean;
}

interface Health {
  readonly status: string;
  readonly components?: Readonly<Record<string, { readonly healthy: boolean; readonly detail: string }>>;
}

export const statusCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Ask a running platform how it is',
    fullDescription: [
      'Reads /health of a running platform.',
      '',
      '  csp status',
      '  csp status --json',
      '  csp status --url http://127.0.0.1:9000',
      '',
      'Exit status: 0 healthy, 1 degraded, 6 nobody answers.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      url: { kind: 'parsed', parse: String, default: 'http://127.0.0.1:8000', brief: 'Where the platform listens' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  async func({ url, json }) {
    const health = await ask(url);
    if (json) this.print(JSON.stringify({ url, ...health }));
    else {
      this.print(`${url}  ${health.status}`);
      for (const [name, { healthy, detail }] of Object.entries(health.components ?? {}))
        this.print(`  ${healthy ? this.paint.good('✓') : this.paint.bad('✗')} ${name.padEnd(16)} ${detail}`);
    }
    this.end(health.status === 'healthy' ? EXIT.ok : EXIT.propertyFails);
  },
});

async function ask(url: string): Promise<Health> {
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(5000) });
    return (await response.json()) as Health;
  } catch (error) {
    throw new CommandFailed(EXIT.unreachable, `nobody answers at ${url}; start a platform with: csp start`, {
      cause: error,
    });
  }
}
