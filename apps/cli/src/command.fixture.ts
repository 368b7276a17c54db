/** The command in the process of a test. */
import { run } from './app.ts';

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs commands with a host that keeps what is written.
 *
 * @example
 * const csp = commandIn({});
 * (await csp('--version')).out; // '0.1.0\n'
 */
export function commandIn(env: Readonly<Record<string, string>>): (...args: readonly string[]) => Promise<Ran> {
  return async (...args) => {
    const written = { out: '', err: '' };
    const host = {
      stdout: { write: (text: string) => void (written.out += text) },
      stderr: { write: (text: string) => void (written.err += text) },
      env,
      exitCode: undefined as number | undefined,
    };
    await run(args, host as unknown as NodeJS.Process);
    return { exitCode: Number(host.exitCode ?? 0), ...written };
  };
}
