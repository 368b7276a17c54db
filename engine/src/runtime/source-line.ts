/** Where in the user's source an operation is written, read from a stack in the format of V8. */
export interface SourceLine {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /^\s*at (?:.*\()?(?:file:\/\/)?(?<file>[^():]*(?::[\\/][^():]*)?):(?<line>\d+):(?<column>\d+)\)?$/;
/** As stacks name it: where this file is, or, in a bundle with source maps, where it was. */
let own: string | undefined;

/** The first frame of the stack that is not in this folder. */
export function sourceLineOf(origin: Error): SourceLine | undefined {
  own ??= folderOf(new Error().stack);
  for (const frame of (origin.stack ?? '').split('\n')) {
    const parts = FRAME.exec(frame)?.groups;
    if (parts === undefined) continue;
    const file = parts.file!;
    if (file.startsWith('node:') || file === 'native' || (file.startsWith(own) && !file.endsWith('.test.ts'))) continue;
    return { file, line: Number(parts.line), column: Number(parts.column) };
  }
  return undefined;
}

function folderOf(stack = ''): string {
  const [, top = ''] = stack.split('\n');
  return FRAME.exec(top)?.groups?.file?.replace(/[^/]*$/, '') ?? import.meta.url;
}
