/** What a command sees of the world: where to write, and whether a person is watching. */
import type { CommandContext, StricliProcess } from '@stricli/core';
import type { ExitCode } from './exit-codes.ts';

export interface Context extends CommandContext {
  readonly process: StricliProcess;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data goes to standard output. */
  print(text: string): void;
  /** Words go to standard error. */
  say(text: string): void;
  /** Replaces the last line of standard error; does nothing without a terminal. */
  progress(text: string): void;
  /** Colors when standard output is a terminal and `NO_COLOR` is not set. */
  readonly paint: Paint;
  end(exitCode: ExitCode): void;
}

export interface Paint {
  good(text: string): string;
  bad(text: string): string;
  doubtful(text: string): string;
  faint(text: string): string;
  strong(text: string): string;
}

export function contextOf(host: NodeJS.Process): Context {
  const color = host.stdout.isTTY === true && !host.env.NO_COLOR;
  const wrap = (code: number) => (text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
  let shown = false;
  const clear = () => {
    if (shown) host.stderr.write('\r\x1b[K');
    shown = false;
  };
  return {
    process: host as StricliProcess,
    env: host.env,
    print(text) {
      clear();
      host.stdout.write(`${text}\n`);
    },
    say(text) {
      clear();
      host.stderr.write(`${text}\n`);
    },
    progress(text) {
      if (host.stderr.isTTY !== true) return;
      clear();
      host.stderr.write(text.slice(0, (host.stderr.columns ?? 80) - 1));
      shown = true;
    },
    paint: { good: wrap(32), bad: wrap(31), doubtful: wrap(33), faint: wrap(2), strong: wrap(1) },
    end(exitCode) {
      host.exitCode = exitCode;
    },
  };
}
