/** The log of the server: lines for people, or JSON lines by pino for programs. Both go to stderr, or to a file; stdout belongs to the command. */
import type { Configuration, Log } from '@enhanced-csp/platform';

export type LogLevel = NonNullable<Configuration['log']['level']>;

const SEVERITY: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50, silent: 100 };

/** Writes one line. */
export type Write = (line: string) => void;

export async function openLog(
  options: { readonly level: LogLevel; readonly format: 'text' | 'json' },
  write: Write = (line) => process.stderr.write(line),
): Promise<Log> {
  return options.format === 'json' ? jsonLog(options.level, write) : textLog(options.level, write);
}

async function jsonLog(level: LogLevel, write: Write): Promise<Log> {
  const { pino, stdTimeFunctions } = await import('pino');
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: levelName } };
  const logger = pino(options, { write });
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}

/** In capitals, as those who search logs expect: `jq 'select(.level == "ERROR")'`. */
const levelName = (level: string) => ({ level: level.toUpperCase() });

/** `12:04:05 WARN  the data folder was not closed cleanly  folder=csp-data` */
function textLog(level: LogLevel, write: Write): Log {
  const line = (name: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (SEVERITY[name] < SEVERITY[level]) return;
    const rest = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `  ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join('');
    write(`${new Date().toISOString().slice(11, 19)} ${name.toUpperCase().padEnd(5)} ${message}${rest}\n`);
  };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
