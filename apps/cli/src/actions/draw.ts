/** The work of `csp draw`, loaded when the command is called. */
import { writeFileSync } from 'node:fs';
import { conversationOf, draw, isNetwork, load, reported } from '@enhanced-csp/engine';
import { type Process, UnboundedNesting } from '@enhanced-csp/engine/csp';
import { type Evaluation, EvaluationFault, parseExpression } from '@enhanced-csp/engine/cspm';
import type { Flags } from '../commands/draw.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { includeFrom, readScript } from '../script-file.ts';

export function drawProcess(this: Context, flags: Flags, file: string, expression?: string): void {
  const source = readScript(file);
  const { evaluation, diagnostics } = load(source, { file, include: includeFrom });
  if (evaluation === undefined) throw wrong(diagnostics.filter(({ severity }) => severity === 'error').map(reported));
  const title = expression ?? conversationOf(source)?.system;
  try {
    const { process, name } =
      title === undefined ? asserted(evaluation, file) : { process: processOf(evaluation, title), name: title };
    const picture = draw(evaluation.terms, process, {
      as: flags.as ?? (isNetwork(process) ? 'network' : 'lts'),
      format: flags.format,
      title: name,
      stateCountMax: flags.maxStates,
    });
    const { output, format, json } = flags;
    if (output !== undefined) write(output, picture);
    if (json)
      this.print(JSON.stringify({ process: name, format, ...(output === undefined ? { picture } : { output }) }));
    else if (output === undefined) this.print(picture.trimEnd());
    else this.say(`${output}: ${name}`);
  } catch (error) {
    if (error instanceof EvaluationFault || error instanceof UnboundedNesting)
      throw new CommandFailed(EXIT.invalidInput, error.message, { cause: error });
    throw error;
  }
}

function processOf(evaluation: Evaluation, text: string): Process {
  const { expression, diagnostics } = parseExpression(text, { file: 'PROCESS' });
  const errors = diagnostics.filter(({ severity }) => severity === 'error').map(reported);
  if (expression === undefined || errors.length > 0) throw wrong(errors);
  return evaluation.process(expression);
}

/** What the first assertion is about. */
function asserted({ assertions }: Evaluation, file: string): { readonly process: Process; readonly name: string } {
  const [first] = assertions;
  if (first === undefined)
    throw new CommandFailed(EXIT.usage, `${file} asserts nothing: name the process to draw, as in: csp draw ${file} P`);
  const process = first.form === 'refinement' ? first.implementation() : first.process();
  return { process, name: first.text };
}

function wrong(errors: readonly ReturnType<typeof reported>[]): CommandFailed {
  const lines = errors.map((d) => `${d.file}:${d.line}:${d.column}: ${d.code} ${d.message}`);
  return new CommandFailed(EXIT.invalidInput, lines.join('\n'));
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new CommandFailed(EXIT.denied, `cannot write ${path}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}
