export type { AskedSearch, SearchKind } from './advice.ts';
export type { TableSummary } from './contents.ts';
export { STORAGE_ERRORS } from './errors.ts';
export {
  JOURNAL_COLLECTIONS,
  type JournalAudit,
  type JournalOptions,
  type JournalStore,
  type OwnedJournal,
  openJournal,
} from './journal.ts';
export type { Lease } from './lease.ts';
export { makeFolder, unusableFolder } from './make-folder.ts';
export { storage } from './module.ts';
export { openStore } from './open-store.ts';
export type { CopyProgress } from './remote/copy.ts';
export type { SqliteStore } from './sqlite-store.ts';

/** Backup, restore, copies, the state of the schema, stores on database servers: for tools, not for a server that starts. */
export const maintenance = () => import('./maintenance.ts');
