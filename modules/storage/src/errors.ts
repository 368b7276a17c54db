/** What the store may end in. */
import type { ErrorTable } from '@enhanced-csp/platform';

export const STORAGE_ERRORS = {
  'CSP-STO-001': {
    kind: 'conflict',
    title: 'The record has changed in between',
    next: 'Read it again and decide anew.',
  },
  'CSP-STO-002': {
    kind: 'conflict',
    title: 'The stream has grown in between',
    next: 'Read its length again and decide anew.',
  },
  'CSP-STO-003': {
    kind: 'invalid',
    title: 'The change names something the store does not have',
    next: 'Declare the collection and its fields in the module that uses them.',
  },
  'CSP-STO-004': {
    kind: 'unavailable',
    title: 'Too many commits are waiting',
    next: 'Wait a moment and send it again; or raise database.queue_max.',
  },
  'CSP-STO-005': {
    kind: 'unavailable',
    title: 'The database could not write',
    next: 'Look at the cause: a full disk, a lost mount, missing permissions. Nothing of this commit was written.',
  },
  'CSP-STO-006': {
    kind: 'conflict',
    title: 'Another server uses this data folder',
    next: 'Stop the other server, or start this one with a data folder of its own.',
  },
  'CSP-STO-007': {
    kind: 'internal',
    title: 'The database file is damaged or is not one of ours',
    next: 'Nothing was changed. Keep a copy of the file and restore a backup, or start with another data folder.',
  },
  'CSP-STO-008': {
    kind: 'conflict',
    title: 'The database was written by another version',
    next: 'Start the version that wrote it, or a newer one.',
  },
  'CSP-STO-009': {
    kind: 'unavailable',
    title: 'The store is closed',
    next: 'Start the server again.',
  },
  'CSP-STO-010': {
    kind: 'unavailable',
    title: 'The data folder cannot be used',
    next: 'Check that the folder exists or can be made, is on a local disk, and may be written.',
  },
  'CSP-STO-011': {
    kind: 'unavailable',
    title: 'It is not known whether the commit was written',
    next: 'Read what it was about before sending it again.',
  },
  'CSP-STO-012': {
    kind: 'unavailable',
    title: 'The database server cannot be used',
    next: 'Look at the cause: the server must run, the user be let in, and the database exist.',
  },
  'CSP-STO-013': {
    kind: 'invalid',
    title: 'There is no store for this URL',
    next: 'Use sqlite, postgresql://, mysql:// or mariadb:// in database.url.',
  },
  'CSP-STO-014': {
    kind: 'conflict',
    title: 'There is something already',
    next: 'Choose another file or an empty database; nothing was changed.',
  },
  'CSP-STO-015': {
    kind: 'internal',
    title: 'A copy differs from what was copied',
    next: 'Nothing was changed. Check the disk and the connection, and try again.',
  },
  'CSP-STO-016': {
    kind: 'not found',
    title: 'There is no such database',
    next: 'Check the name of the file or of the data folder.',
  },
  'CSP-STO-017': {
    kind: 'unavailable',
    title: 'All connections to the database are in use',
    next: 'Wait a moment and ask again; or raise database.pool_size, database.max_overflow or database.pool_timeout.',
  },
  'CSP-STO-018': {
    kind: 'conflict',
    title: 'A copy into this database is not complete',
    next: 'Run csp db copy-to again, which goes on where it was; or drop the database.',
  },
  'CSP-STO-019': {
    kind: 'conflict',
    title: 'Another owner holds the journal',
    next: 'Wait until its lease runs out, or open the journal with takeOver: the other owner then writes nothing any more.',
  },
} as const satisfies ErrorTable;
