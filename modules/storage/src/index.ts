export { STORAGE_ERRORS } from './errors.ts';
export { storage } from './module.ts';
export { openStore } from './open-store.ts';
export type { SqliteStore } from './sqlite-store.ts';
