/** Where the data of a kill test is: a folder, or a database of its own on a PostgreSQL server. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Collection, Store } from '@enhanced-csp/platform';
import { maintenance, openStore } from '@enhanced-csp/storage';
import pg from 'pg';

export type StoreKind = 'sqlite' | 'postgresql';

export interface Place {
  readonly kind: StoreKind;
  /** Of the server: its keys, and with `sqlite` its database. */
  readonly folder: string;
  /** The folder, or the URL of the database. */
  readonly database: string;
  remove(): Promise<void>;
}

export async function newPlace(kind: StoreKind, server: string): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'csp-crash-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  if (kind === 'sqlite') return { kind, folder, database: folder, remove: async () => removeFolder() };
  const name = `csp_crash_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await ask(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    kind,
    folder,
    database: url.href,
    async remove() {
      removeFolder();
      await ask(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** The store itself, without the server. */
export async function storeOf(
  { kind, database }: Place,
  collections: readonly Collection[],
): Promise<{ readonly store: Store; close(): Promise<void> }> {
  if (kind === 'postgresql') {
    const { openRemoteStore } = await maintenance();
    return openRemoteStore(database, { collections, now: Date.now });
  }
  const { store, close } = openStore(database, { collections, now: Date.now });
  return { store, close: async () => close() };
}

async function ask(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
