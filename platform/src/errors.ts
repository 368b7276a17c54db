/** The codes of the platform itself. Every module has such a table for its own. */
import type { ErrorTable } from './module.ts';

export const PLATFORM_ERRORS = {
  'CSP-PLT-001': {
    kind: 'internal',
    title: 'A module needs what nothing provides',
    next: 'Add the module that provides it to the assembly, before the one that needs it.',
  },
  'CSP-PLT-002': {
    kind: 'internal',
    title: 'Two modules declare the same name',
    next: 'Rename one of them: operations, routes, streams, pages and collections are unique in an assembly.',
  },
  'CSP-PLT-003': {
    kind: 'invalid',
    title: 'The configuration of a module breaks its schema',
    next: 'Correct the keys the message names.',
  },
  'CSP-PLT-004': {
    kind: 'internal',
    title: 'A module does not provide what it promised',
    next: 'Report it with the version of the module.',
  },
  'CSP-PLT-005': {
    kind: 'internal',
    title: 'A module did not stop cleanly',
    next: 'Look at the cause in the log; acknowledged work is in the store.',
  },
  'CSP-PLT-006': {
    kind: 'conflict',
    title: 'The record has changed since it was read',
    next: 'Read it again, and send the change with the ETag of what you read.',
  },
  'CSP-PLT-007': {
    kind: 'invalid',
    title: 'The cursor is none of this list',
    next: 'Send `after` as it was in `next_cursor`, with the same filters and without `offset`; or begin anew without it.',
  },
  'CSP-PLT-008': {
    kind: 'invalid',
    title: 'A function cannot be cached like this',
    next: 'Give it a name, and arguments that are JSON; or say with `key` what its answers depend on.',
  },
  'CSP-PLT-009': {
    kind: 'denied',
    title: 'This feature is switched off',
    next: 'Set the configuration key the message names to true, and start the server again.',
  },
  'CSP-PLT-010': {
    kind: 'invalid',
    title: 'A module of the configuration cannot be loaded',
    next: 'Correct the entry in modules, or the file it names: it exports what defineModule returns.',
  },
  'CSP-PLT-011': {
    kind: 'internal',
    title: 'A module of the configuration did not start',
    next: 'Look at the cause; remove the module from the configuration to start without it.',
  },
  'CSP-PLT-012': {
    kind: 'denied',
    title: 'A security policy denies this',
    next: 'The message names the policy and its reason; whoever runs the server decides which modules bring policies.',
  },
  'CSP-PLT-013': {
    kind: 'internal',
    title: 'A panel follows a topic there is not',
    next: 'Name a topic without parameters of the same module, or of one before it; or leave it out.',
  },
  'CSP-PLT-014': {
    kind: 'internal',
    title: 'The protocol of a module cannot be monitored',
    next: 'Declare it as protocol: { source }, name a process of it without parameters, and let csp check say what is wrong with the script.',
  },
  'CSP-PLT-015': {
    kind: 'refused',
    title: 'The protocol of a module does not allow this now',
    next: 'Nothing of it was done. The message says what is possible now; come back when the module has got there.',
  },
  'CSP-CFG-001': {
    kind: 'invalid',
    title: 'Unknown configuration key',
    next: 'Use the key the message names, or remove the line.',
  },
  'CSP-CFG-002': {
    kind: 'invalid',
    title: 'A configuration value breaks its schema',
    next: 'Write a value of the type and range the message names.',
  },
  'CSP-CFG-003': {
    kind: 'invalid',
    title: 'The configuration file is not YAML',
    next: 'Correct the line the message names.',
  },
  'CSP-CFG-004': {
    kind: 'invalid',
    title: 'This database is not available',
    next: 'Write sqlite, or the URL of a PostgreSQL, MariaDB or MySQL database.',
  },
  'CSP-CFG-005': {
    kind: 'not found',
    title: 'The configuration file cannot be read',
    next: 'Check the path and its permissions, or start without --config.',
  },
  'CSP-CFG-006': {
    kind: 'internal',
    title: 'The signing key of this installation cannot be read',
    next: 'Restore it from a backup of the data folder. A new key would not match the checkpoints the old one signed.',
  },
  'CSP-CFG-007': {
    kind: 'invalid',
    title: 'A configuration key has no effect in this version',
    next: 'Nothing needs to be done; the message says what is not there. Remove the key to be rid of the notice.',
  },
  'CSP-CFG-008': {
    kind: 'invalid',
    title: 'The log file cannot be opened',
    next: 'Set log.file to a file this user may write, or leave it out: lines then go to standard error.',
  },
} as const satisfies ErrorTable;
