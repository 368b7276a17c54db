/**
 * From the behavior of an atomic process to a script: its channels are its alphabet, so that an event outside it is an error of the script.
 */
import type { ReportedDiagnostic } from '@enhanced-csp/engine';
import { MESSAGE, readSteps, type Translation } from './steps.ts';

export interface Definition {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly behavior: string;
}

export type Drafted =
  | { readonly kind: 'script'; readonly source: string; readonly translation: Translation | undefined }
  | { readonly kind: 'ill-formed'; readonly diagnostics: readonly ReportedDiagnostic[] };

/** The name by which a behavior may call itself. */
export const SYSTEM = 'PROCESS';

/** Lines of the script before the behavior. */
const PREAMBLE_LINES = 3;

export function scriptOf(definition: Definition, file: string): Drafted {
  const { inputs, outputs, behavior } = definition;
  const both = inputs.filter((channel) => outputs.includes(channel));
  if (both.length > 0)
    return illFormed(file, 'CSP-STP-002', `${both.join(', ')} cannot be input and output of one process`);
  const reading = readSteps(behavior, file);
  if (reading.kind === 'ill-formed') return reading;
  const translation = reading.kind === 'steps' ? reading.translation : undefined;
  const channels = [...new Set([...inputs, ...outputs])];
  const declared = channels.length === 0 ? '' : `channel ${channels.join(', ')} : Message`;
  const source = [`datatype Message = ${MESSAGE}`, declared, `${SYSTEM} =`, translation?.cspm ?? behavior, ''].join(
    '\n',
  );
  return { kind: 'script', source, translation };
}

/** Diagnostics of the script as diagnostics of the behavior: what people wrote is what is pointed at. */
export function ofBehavior(
  diagnostics: readonly ReportedDiagnostic[],
  definition: Definition,
  file: string,
): ReportedDiagnostic[] {
  const steps = readSteps(definition.behavior, file).kind === 'steps';
  const placed = diagnostics.map((one): ReportedDiagnostic => {
    if (one.line <= PREAMBLE_LINES)
      return { ...one, line: 1, column: 1, message: `${one.message} (in the channels of the process)` };
    // The translation stands on one line; its columns are not those of the step list.
    if (steps) return { ...one, line: 1, column: 1, message: `${one.message} (in the translation)` };
    return { ...one, line: one.line - PREAMBLE_LINES };
  });
  const errors = placed.some(({ severity }) => severity === 'error');
  if (!errors || placed.some(({ fix }) => fix !== undefined)) return placed;
  return [...placed, ...prefixOfProcess(definition.behavior, file)];
}

/** `STOP -> SKIP`: an arrow after a process. What was meant can only be guessed; the guess is a fix, never a silent repair. */
function prefixOfProcess(behavior: string, file: string): ReportedDiagnostic[] {
  const match = /\b(STOP|SKIP)\s*->\s*/.exec(behavior);
  if (match === null) return [];
  const before = behavior.slice(0, match.index).split('\n');
  return [
    {
      severity: 'error',
      code: 'CSP-STP-003',
      file,
      line: before.length,
      column: before.at(-1)!.length + 1,
      message: `\`->\` puts an event before a process, and ${match[1]} is a process: it performs no event. To do only what follows, leave \`${match[0].trim()}\` out.`,
      fix: '',
    },
  ];
}

function illFormed(file: string, code: string, message: string): Drafted {
  return { kind: 'ill-formed', diagnostics: [{ severity: 'error', code, file, line: 1, column: 1, message }] };
}
