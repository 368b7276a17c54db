/** The work of `csp db`, loaded when the command is called. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MODULES, readConfiguration, refuseInvalid } from '@enhanced-csp/server';
import { type AskedSearch, type CopyProgress, maintenance, type TableSummary } from '@enhanced-csp/storage';
import type { BackupAudit } from '../backup-audit.ts';
import type { AdviseFlags, BackupFlags, Flags } from '../commands/db.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { productSearches } from '../product-searches.ts';

const COLLECTIONS = MODULES.flatMap((module) => module.collections ?? []);

const SLOW_MS = 1000;

interface Database {
  /** `sqlite`, or the URL of a server. */
  readonly url: string;
  readonly folder: string;
  readonly experimental: boolean;
  readonly slowMs: number;
  /** Where the log of the server goes. */
  readonly log: string | undefined;
}

async function configured({ config, data }: Flags): Promise<Database> {
  const loaded = refuseInvalid(
    await readConfiguration({
      ...(config === undefined ? {} : { file: config }),
      flags: data === undefined ? {} : { data_dir: data },
    }),
  );
  const { database, data_dir, log } = loaded.values;
  const { url, experimental, slow_seconds } = database;
  return { url, folder: resolve(data_dir), experimental, slowMs: slow_seconds * 1000, log: log.file };
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

export async function advise(this: Context, flags: AdviseFlags): Promise<void> {
  const { url, folder, experimental, slowMs, log } = await configured(flags);
  const { advisedIn, adviseEmbedded, adviseRemote, indexEmbedded, indexRemote } = await maintenance();
  // 0: the log is told of none.
  const threshold = flags.slowerThan ?? (slowMs || SLOW_MS);
  const kinds = productSearches(COLLECTIONS);
  const logged = advisedIn(logText(flags.log, log));
  const embedded = url === 'sqlite';
  const options = { collections: COLLECTIONS, now: Date.now, experimental };
  const ask = () => (embedded ? adviseEmbedded(folder, kinds, logged) : adviseRemote(url, kinds, logged, options));

  const asked = await ask();
  const advice = asked.filter(({ exists, milliseconds }) => !exists && milliseconds >= threshold);
  const indices = advice.map(({ index }) => index);
  const made =
    !flags.apply || advice.length === 0
      ? []
      : embedded
        ? indexEmbedded(folder, indices, options)
        : await indexRemote(url, indices, options);
  const after = flags.apply && advice.length > 0 ? await ask() : [];
  const rows = advice.map((one): AdviceRow => ({ ...adviceOf(one), ...appliedOf(one, made, after) }));
  if (flags.json) this.print(JSON.stringify({ asked: asked.length, slower_than_ms: threshold, advice: rows }));
  else if (advice.length === 0)
    this.print(
      `nothing to advise: of ${asked.length} kinds of searches by two fields, none without its index took ${threshold} ms`,
    );
  else for (const row of rows) showAdvice(this, row);
  const done = rows.every(({ made, used }) => made !== undefined && used !== false);
  this.end(done ? EXIT.ok : EXIT.propertyFails);
}

/** What `--log` names must be there; what the configuration names may not be yet. */
function logText(named: string | undefined, configured: string | undefined): string {
  if (named !== undefined && !existsSync(named)) throw new CommandFailed(EXIT.notFound, `no file ${named}`);
  const file = named ?? configured;
  return file === undefined || !existsSync(file) ? '' : readFileSync(file, 'utf8');
}

type AdviceRow = ReturnType<typeof adviceOf> & {
  readonly made?: boolean;
  readonly used?: boolean;
  readonly milliseconds_after?: number;
};

function adviceOf({ index, source, search, milliseconds, plan }: AskedSearch) {
  return { index: index.name, statement: index.statement, source, search, milliseconds, plan };
}

/** What came of it; a search of the log cannot be performed again, since its values are not in it. */
function appliedOf(
  { index, source }: AskedSearch,
  made: readonly AskedSearch['index'][],
  after: readonly AskedSearch[],
) {
  const now = after.find((one) => one.index.name === index.name);
  if (now === undefined) return {};
  const created = made.some(({ name }) => name === index.name);
  return { made: created, ...(source === 'asked' && { used: now.used, milliseconds_after: now.milliseconds }) };
}

function showAdvice({ print, paint }: Context, row: AdviceRow): void {
  const { statement, source, search, milliseconds, plan, made, used, milliseconds_after } = row;
  print(`${made === undefined ? '' : `${made ? 'made' : 'there'}  `}${paint.strong(statement)}`);
  print(`  ${milliseconds.toFixed(1)} ms${source === 'log' ? ' in the log' : ''}: ${search.replace(/\s+/g, ' ')}`);
  for (const line of plan) print(`  ${paint.faint(line)}`);
  if (milliseconds_after !== undefined)
    print(
      used
        ? `  ${paint.good('✓')} ${milliseconds_after.toFixed(1)} ms with it`
        : `  ${paint.bad('✗')} the database does not use it (${milliseconds_after.toFixed(1)} ms): it may be dropped`,
    );
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

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
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
  const audited = `${counted(conversations, 'conversation', 'conversations')} with ${counted(leaves, 'leaf', 'leaves')}`;
  this.print(`${mark} ${audited} audited, ${failures.length} failed`);
  for (const { conversation, message } of failures) this.print(`    ${conversation}: ${message}`);
}
