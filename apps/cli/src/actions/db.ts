/** The work of `csp db`, loaded when the command is called. */
import { resolve } from 'node:path';
import { MODULES, readConfiguration, refuseInvalid } from '@enhanced-csp/server';
import { type CopyProgress, maintenance, type TableSummary } from '@enhanced-csp/storage';
import type { BackupAudit } from '../backup-audit.ts';
import type { BackupFlags, Flags } from '../commands/db.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

const COLLECTIONS = MODULES.flatMap((module) => module.collections ?? []);

interface Database {
  /** `sqlite`, or the URL of a server. */
  readonly url: string;
  readonly folder: string;
  readonly experimental: boolean;
}

async function configured({ config, data }: Flags): Promise<Database> {
  const loaded = refuseInvalid(
    await readConfiguration({
      ...(config === undefined ? {} : { file: config }),
      flags: data === undefined ? {} : { data_dir: data },
    }),
  );
  const { database, data_dir } = loaded.values;
  return { url: database.url, folder: resolve(data_dir), experimental: database.experimental };
}

async function embedded(flags: Flags): Promise<Database> {
  const database = await configured(flags);
  if (database.url !== 'sqlite')
    throw new CommandFailed(
      EXIT.invalidInput,
      'this is for the embedded database; for a database server use its own tools: pg_dump, mariadb-dump, mysqldump',
    );
  return database;
}

export async function status(this: Context, flags: Flags): Promise<void> {
  const { url, folder, experimental } = await configured(flags);
  const { embeddedFile, MIGRATIONS, readEmbedded, remoteStatus } = await maintenance();
  let steps: readonly { readonly name: string; readonly applied: boolean }[];
  if (url === 'sqlite') {
    const contents = readEmbedded(embeddedFile(folder));
    contents.close();
    steps = MIGRATIONS.map(({ name }) => ({ name, applied: contents.steps.includes(name) }));
  } else steps = await remoteStatus(url, { experimental });
  if (flags.json) this.print(JSON.stringify({ steps }));
  else
    for (const { name, applied } of steps)
      this.print(`${applied ? this.paint.good('✓') : this.paint.bad('✗')} ${name}${applied ? '' : '  not applied'}`);
  this.end(steps.every(({ applied }) => applied) ? EXIT.ok : EXIT.propertyFails);
}

export async function migrate(this: Context, flags: Flags): Promise<void> {
  const { url, folder, experimental } = await configured(flags);
  const { openRemoteStore, openStore } = await maintenance();
  const options = { collections: COLLECTIONS, now: Date.now };
  if (url === 'sqlite') openStore(folder, options).close();
  else await (await openRemoteStore(url, { ...options, experimental })).close();
  await status.call(this, flags);
}

export async function backup(this: Context, flags: BackupFlags, file: string): Promise<void> {
  const { folder } = await embedded(flags);
  const tables = await (await maintenance()).backupTo(folder, resolve(file));
  show.call(this, flags, tables, flags.verify ? await audited.call(this, file) : undefined);
}

export async function restore(this: Context, flags: BackupFlags, file: string): Promise<void> {
  const { restoreFrom, verifyEmbedded } = await maintenance();
  const tables = flags.verify
    ? verifyEmbedded(resolve(file))
    : restoreFrom(resolve(file), (await embedded(flags)).folder);
  show.call(this, flags, tables, flags.verify ? await audited.call(this, file) : undefined);
}

async function audited(this: Context, file: string): Promise<BackupAudit> {
  const { auditBackup } = await import('../backup-audit.ts');
  return auditBackup(resolve(file), (conversations) => this.progress(`${conversations} conversations audited`));
}

export async function copy(this: Context, flags: Flags, url: string): Promise<void> {
  const { folder, experimental } = await embedded(flags);
  const progress = ({ step, table, rows, total }: CopyProgress) =>
    this.progress(`${table}: ${rows} of ${total} rows ${step}`);
  show.call(this, flags, await (await maintenance()).copyTo(folder, url, { now: Date.now, experimental, progress }));
}

function show(this: Context, { json }: Flags, tables: readonly TableSummary[], audit?: BackupAudit): void {
  if (audit !== undefined && audit.failures.length > 0) this.end(EXIT.propertyFails);
  if (json) {
    this.print(JSON.stringify({ tables, ...(audit === undefined ? {} : { audit }) }));
    return;
  }
  const width = Math.max(...tables.map(({ table }) => table.length));
  for (const { table, rows, sha256 } of tables)
    this.print(`${table.padEnd(width)}  ${String(rows).padStart(8)}  ${this.paint.faint(sha256.slice(0, 16))}`);
  if (audit === undefined) return;
  const { conversations, leaves, failures } = audit;
  const mark = failures.length === 0 ? this.paint.good('✓') : this.paint.bad('✗');
  this.print(`${mark} ${conversations} conversations with ${leaves} leaves audited, ${failures.length} failed`);
  for (const { conversation, message } of failures) this.print(`    ${conversation}: ${message}`);
}
