export type { TableSummary } from './contents.ts';
export { STORAGE_ERRORS } from './errors.ts';
export { JOURNAL_COLLECTIONS, type JournalAudit, openJournal } from './journal.ts';
export { storage } from './module.ts';
export { openStore } from './open-store.ts';
export type { SqliteStore } from './sqlite-store.ts';

/** A store on a database server; its driver is loaded by those who use it. */
export const remoteStore = () => import('./remote/open.ts');

/** Backup, restore, copies and the state of the schema: for tools, not for a server that starts. */
export const maintenance = () => import('./maintenance.ts');
