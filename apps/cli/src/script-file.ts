/** Scripts on disk: read with their includes, in the encodings that CSPM scripts come in. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { CommandFailed, EXIT } from './exit-codes.ts';

const SIZE_MAX = 16 * 1024 * 1024;

/** The text of a script. Not found, a folder, or too large: a `CommandFailed` that says so. */
export function readScript(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > SIZE_MAX)
      throw new CommandFailed(EXIT.invalidInput, `${path} has ${size} bytes; a script may have ${SIZE_MAX}`);
    return decode(readFileSync(path));
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw new CommandFailed(EXIT.notFound, `no file ${path}`, { cause: error });
    if (code === 'EISDIR')
      throw new CommandFailed(EXIT.invalidInput, `${path} is a folder; name a script`, { cause: error });
    throw new CommandFailed(EXIT.denied, `cannot read ${path}: ${code ?? String(error)}`, { cause: error });
  }
}

/** Resolves `include "path"` against the including file. */
export function includeFrom(path: string, from: string): { file: string; source: string } | undefined {
  const target = isAbsolute(path) ? path : join(dirname(from), path);
  try {
    return {
      file: isAbsolute(from) ? realpathSync(target) : relative('.', realpathSync(target)),
      source: readScript(target),
    };
  } catch (error) {
    if (error instanceof CommandFailed || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** UTF-8, or windows-1252 where the bytes are not UTF-8: older tools wrote comments in it. */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
