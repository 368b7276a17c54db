/** `csp config`: the configuration as a server would read it here. */
import { buildCommand, buildRouteMap } from '@stricli/core';
import type { Context } from '../context.ts';

export interface Flags {
  readonly config: string | undefined;
  readonly json: boolean;
}

export interface PrintFlags extends Flags {
  readonly effective: boolean;
}

const flags = {
  config: { kind: 'parsed', parse: String, optional: true, brief: 'Configuration file  [csp.yaml, when there is one]' },
  json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
} as const;
const load = () => import('../actions/config.ts');

export const configCommand = buildRouteMap({
  routes: {
    print: buildCommand<PrintFlags, [], Context>({
      docs: {
        brief: 'Show what is set, and where',
        fullDescription: [
          '  csp config print',
          '  csp config print --effective',
          '  csp config print --effective --json',
          '',
          'What somebody set, with its place; with --effective every key, defaults too. Secrets are masked.',
          'Exit status: 0 printed, 5 the configuration is wrong.',
        ].join('\n'),
      },
      parameters: {
        flags: { ...flags, effective: { kind: 'boolean', default: false, brief: 'Every key, also those nobody set' } },
      },
      loader: async () => (await load()).print,
    }),
    check: buildCommand<Flags, [], Context>({
      docs: {
        brief: 'Say what is wrong with the configuration',
        fullDescription: [
          '  csp config check',
          '  csp config check --config production.yaml --json',
          '',
          'Every mistake with file, line and column, and every key that has no effect. Starts nothing.',
          'Exit status: 0 a server would start with it, 5 it would not.',
        ].join('\n'),
      },
      parameters: { flags },
      loader: async () => (await load()).check,
    }),
    explain: buildCommand<Flags, [string], Context>({
      docs: {
        brief: 'Tell one key: its meaning, who set it, who else tried',
        fullDescription: [
          '  csp config explain log.level',
          '  csp config explain CSP_PORT --json',
          '',
          'KEY is a key, another name of it, or its variable. Earlier wins: environment, .env.local, .env, file, default.',
          'Exit status: 0 told, 3 no such key, 5 the configuration is wrong.',
        ].join('\n'),
      },
      parameters: {
        flags,
        positional: { kind: 'tuple', parameters: [{ parse: String, placeholder: 'KEY', brief: 'The key' }] },
      },
      loader: async () => (await load()).explain,
    }),
  },
  docs: { brief: 'The configuration: print, check, explain' },
});
