/** The work of `csp profile`, loaded when the command is called. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Flags } from '../commands/profile.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT, type ExitCode } from '../exit-codes.ts';
import { heaviest, type Profile } from '../heaviest.ts';
import { tableOf } from '../readable.ts';

export async function profile(this: Context, flags: Flags, ...command: string[]): Promise<void> {
  const { heap, seconds, output, limit, json } = flags;
  if (command.length === 0) throw new CommandFailed(EXIT.usage, 'name the command: csp profile -- check FILE');
  const folder = mkdtempSync(join(tmpdir(), 'csp-profile-'));
  try {
    const kind = heap ? 'heap' : 'cpu';
    const code = await runUnder([`--${kind}-prof`, `--${kind}-prof-dir=${folder}`], command, seconds);
    // Threads write profiles of their own: all count.
    const files = readdirSync(folder).map((name) => join(folder, name));
    if (files.length === 0) throw new CommandFailed(EXIT.defect, 'the command wrote no profile');
    const profiles = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Profile);
    const main = files.reduce((large, file) => (readFileSync(file).length > readFileSync(large).length ? file : large));
    if (output !== undefined) copyFileSync(main, output);
    const rows = heaviest(profiles, limit).map(({ name, file, line, weight, part }) => ({
      ...(heap ? { bytes: weight } : { ms: Math.round(weight / 100) / 10 }),
      percent: Math.round(part * 1000) / 10,
      function: name,
      place: file === '' ? '' : `${file.startsWith('file:') ? fileURLToPath(file) : file}:${line}`,
    }));
    if (json)
      this.print(
        JSON.stringify({ command, kind, exit: code, functions: rows, ...(output === undefined ? {} : { output }) }),
      );
    else this.print(tableOf(rows, this.paint));
    this.end(code as ExitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the command writes goes to standard error: standard output is the profile's. */
function runUnder(
  options: readonly string[],
  command: readonly string[],
  seconds: number | undefined,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...options, process.argv[1] as string, ...command], {
      stdio: ['inherit', process.stderr, process.stderr],
    });
    const late = seconds === undefined ? undefined : setTimeout(() => child.kill('SIGTERM'), seconds * 1000);
    // Ctrl-C reaches the command as well; the profile it writes then is what was asked for.
    const wait = () => {};
    process.on('SIGINT', wait);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(late);
      process.off('SIGINT', wait);
      resolve(code ?? EXIT.defect);
    });
  });
}
