/** SQLite's result codes (https://sqlite.org/rescode.html), read from the errors of `node:sqlite`. */
const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** The primary code: the low byte of the extended one. */
function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

export function isDamaged(error: unknown): boolean {
  const code = primaryCode(error);
  return code === CORRUPT || code === NOT_A_DATABASE;
}
