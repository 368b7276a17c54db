/** `csp context`: names for platforms. */
import { buildCommand, buildRouteMap } from '@stricli/core';
import type { Context } from '../context.ts';
import { contextNamed, DEFAULT_URL, readContexts, writeContexts } from '../contexts.ts';
import { webAddress } from '../flags.ts';

interface Flags {
  readonly json: boolean;
}

const flags = { json: { kind: 'boolean', default: false, brief: 'Print one JSON document' } } as const;
const name = { parse: String, placeholder: 'NAME', brief: 'Its name' } as const;

export const contextCommand = buildRouteMap({
  routes: {
    add: buildCommand<Flags, [string, string], Context>({
      docs: {
        brief: 'Give a platform a name, and use it',
        fullDescription:
          '  csp context add production https://csp.example.org\n  csp processes list\n\nWithout --url and --context, commands ask the context in use.',
      },
      parameters: {
        flags,
        positional: {
          kind: 'tuple',
          parameters: [name, { parse: webAddress, placeholder: 'URL', brief: 'Where the platform listens' }],
        },
      },
      async func({ json }, named, url) {
        const { contexts } = readContexts(this.env);
        await writeContexts(this.env, { current: named, contexts: { ...contexts, [named]: url } });
        this.print(json ? JSON.stringify({ name: named, url, current: true }) : `${named} is ${url}, in use`);
      },
    }),
    use: buildCommand<Flags, [string], Context>({
      docs: {
        brief: 'Use another context from now on',
        fullDescription: '  csp context use production\n\nExit status: 0 done, 3 no such context.',
      },
      parameters: { flags, positional: { kind: 'tuple', parameters: [name] } },
      async func({ json }, named) {
        const { contexts } = readContexts(this.env);
        const url = contextNamed(named, contexts);
        await writeContexts(this.env, { current: named, contexts });
        this.print(json ? JSON.stringify({ name: named, url, current: true }) : `${named} is ${url}, in use`);
      },
    }),
    list: buildCommand<Flags, [], Context>({
      docs: { brief: 'List contexts', fullDescription: '  csp context list\n  csp context list --json' },
      parameters: { flags },
      func({ json }) {
        const { current, contexts } = readContexts(this.env);
        const rows = Object.entries(contexts).map(([named, url]) => ({ name: named, url, current: named === current }));
        if (json) this.print(JSON.stringify({ contexts: rows }));
        else if (rows.length === 0) this.print(`none; commands ask ${DEFAULT_URL}`);
        else for (const row of rows) this.print(`${row.current ? this.paint.good('*') : ' '} ${row.name}  ${row.url}`);
      },
    }),
    remove: buildCommand<Flags, [string], Context>({
      docs: {
        brief: 'Forget a context',
        fullDescription: '  csp context remove production\n\nExit status: 0 done, 3 no such context.',
      },
      parameters: { flags, positional: { kind: 'tuple', parameters: [name] } },
      async func({ json }, named) {
        const { current, contexts } = readContexts(this.env);
        contextNamed(named, contexts);
        const { [named]: _, ...rest } = contexts;
        await writeContexts(this.env, { current: current === named ? undefined : current, contexts: rest });
        this.print(json ? JSON.stringify({ removed: named }) : `removed ${named}`);
      },
    }),
  },
  docs: { brief: 'Names for platforms: add, use, list, remove' },
});
