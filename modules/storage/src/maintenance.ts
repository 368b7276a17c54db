/** What is done to a store while no server uses it, and backups. Loaded when it is asked for. */
export { type AskedSearch, adviseEmbedded, indexEmbedded, type SearchKind } from './advice.ts';
export { backupTo, restoreFrom } from './backup.ts';
export { embeddedFile, embeddedTables, readEmbedded, type TableSummary, verifyEmbedded } from './contents.ts';
export { openStore } from './open-store.ts';
export { adviseRemote, indexRemote } from './remote/advice.ts';
export { type CopyProgress, copyTo } from './remote/copy.ts';
export { openRemoteStore, remoteStatus } from './remote/open.ts';
export { advisedIn } from './slow-searches.ts';
export { MIGRATIONS } from './sql.ts';
