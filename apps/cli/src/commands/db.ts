/** `csp db`: the database beside the server: its schema, backups, a copy to a database server. */
import { buildCommand, buildRouteMap } from '@stricli/core';
import type { Context } from '../context.ts';
import { nonNegative } from '../flags.ts';

export interface Flags {
  readonly config?: string;
  readonly data?: string;
  readonly json: boolean;
}

export interface AdviseFlags extends Flags {
  readonly slowerThan: number | undefined;
  readonly log: string | undefined;
  readonly apply: boolean;
}

export interface BackupFlags extends Flags {
  readonly verify: boolean;
}

const flags = {
  config: { kind: 'parsed', parse: String, optional: true, brief: 'Configuration file' },
  data: { kind: 'parsed', parse: String, optional: true, brief: 'Data folder' },
  json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
} as const;

const file = { kind: 'tuple', parameters: [{ parse: String, placeholder: 'file', brief: 'The backup' }] } as const;
const load = () => import('../actions/db.ts');

export const dbCommand = buildRouteMap({
  routes: {
    status: buildCommand<Flags, [], Context>({
      docs: {
        brief: 'Show the schema of the database',
        fullDescription:
          '  csp db status\n  csp db status --json\n\nReads which steps of the schema the configured database has. Changes nothing.\nExit status: 0 up to date, 1 steps are missing.',
      },
      parameters: { flags },
      loader: async () => (await load()).status,
    }),
    migrate: buildCommand<Flags, [], Context>({
      docs: {
        brief: 'Bring the schema of the database up to date',
        fullDescription:
          '  csp db migrate\n  CSP_DATABASE_URL=postgresql://csp@127.0.0.1/csp csp db migrate\n\nWhat a server does when it starts, without starting one.',
      },
      parameters: { flags },
      loader: async () => (await load()).migrate,
    }),
    advise: buildCommand<AdviseFlags, [], Context>({
      docs: {
        brief: 'Find searches that are slow, and the indices that would serve them',
        fullDescription:
          '  csp db advise\n  csp db advise --slower-than 50 --json\n  csp db advise --apply\n\nPerforms the searches the platform makes by two fields, with values of the oldest and the newest records, also while a server runs, and reads what slow ones left in log.file when that is in JSON. Prints those that were slow, the plan of the database, and the index that would serve them. An index makes searches faster and every change slower: one search now and then is no reason.\n--apply makes the indices that are missing while no server runs, and asks again.\nExit status: 0 nothing to advise, or applied and used; 1 there is advice, or an index is not used.',
      },
      parameters: {
        flags: {
          ...flags,
          slowerThan: {
            kind: 'parsed',
            parse: nonNegative,
            optional: true,
            brief: 'Milliseconds from which a search is slow; database.slow_seconds',
          },
          log: { kind: 'parsed', parse: String, optional: true, brief: 'Log of a server, in JSON; log.file' },
          apply: { kind: 'boolean', default: false, brief: 'Make the indices' },
        },
      },
      loader: async () => (await load()).advise,
    }),
    backup: buildCommand<BackupFlags, [string], Context>({
      docs: {
        brief: 'Copy the embedded database to a file, also while the server runs',
        fullDescription:
          '  csp db backup monday.db\n  csp db backup --verify monday.db\n\nOne moment of the database, whole: the file, its schema, and no gap in any stream. With --verify the log of every conversation in it is audited too. The signing key is not in it: keep signing-key.pem of the data folder as well.\nExit status: 0 ok, 1 a log fails its audit.',
      },
      parameters: {
        flags: { ...flags, verify: { kind: 'boolean', default: false, brief: 'Audit every conversation in it' } },
        positional: file,
      },
      loader: async () => (await load()).backup,
    }),
    restore: buildCommand<BackupFlags, [string], Context>({
      docs: {
        brief: 'Put a backup in the place of the embedded database',
        fullDescription:
          '  csp db restore --verify monday.db\n  csp db restore monday.db\n\nVerifies the backup first. What was there is kept as csp.db.replaced. With --verify nothing is put back, and the log of every conversation in it is audited.\nExit status: 0 ok, 1 a log fails its audit, 3 no such file, 4 a server runs, 5 the file is damaged or no backup.',
      },
      parameters: {
        flags: { ...flags, verify: { kind: 'boolean', default: false, brief: 'Only verify the backup, and audit it' } },
        positional: file,
      },
      loader: async () => (await load()).restore,
    }),
    copyTo: buildCommand<Flags, [string], Context>({
      docs: {
        brief: 'Copy the embedded database to an empty PostgreSQL, MariaDB or MySQL database',
        fullDescription:
          '  csp db copy-to postgresql://csp@127.0.0.1/csp\n\nCounts and checksums of every table are compared at the end; until then no server opens the copy. One that was interrupted goes on where it was when it is called again.',
      },
      parameters: {
        flags,
        positional: {
          kind: 'tuple',
          parameters: [{ parse: String, placeholder: 'url', brief: 'The database to copy to' }],
        },
      },
      loader: async () => (await load()).copy,
    }),
  },
  docs: { brief: 'The database: schema, backups, copies' },
});
