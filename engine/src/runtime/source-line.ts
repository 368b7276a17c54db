/** Where in the user's source an operation is written, read from a stack in the format of V8. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /^\s*at (?:.*\()?(?:file:\/\/)?(?<file>[^():]*(?::[\\/][^():]*)?):(?<line>\d+):(?<column>\d+)\)?$/;
const OWN = import.meta.url.replace(/^file:\/\//, '').replace(/[^/]*$/, '');

/** The first frame of the stack that is not in this folder. */
export function sourceLineOf(origin: Error): SourceLine | undefined {
  for (const frame of (origin.stack ?? '').split('\n')) {
    const parts = FRAME.exec(frame)?.groups;
    if (parts === undefined) continue;
    const file = parts.file!;
    if (file.startsWith('node:') || file === 'native' || (file.startsWith(OWN) && !file.endsWith('.test.ts'))) continue;
    return { file, line: Number(parts.line), column: Number(parts.column) };
  }
  return undefined;
}
