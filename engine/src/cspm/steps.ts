/**
 * Step notation: the short way to write what an agent does, one step after another.
 *
 *     RECEIVE user_input -> SEND response -> STOP
 *
 * It is translated to CSPM that the author can see, never interpreted behind his back. A step receives a value or sends the value received
 * last. The end of the list is the end of the process: a final STOP becomes `SKIP`, because STOP of CSP is deadlock.
 */
import type { Span } from '../csp/index.ts';
import type { Diagnostic } from './diagnostic.ts';
import { lex } from './lexer.ts';
import { parseExpression } from './parser.ts';
import { type StepOptions, type StepTranslation, translateStepList } from './steps/translation.ts';

/**
 * Whether `text` is meant as a step list: a step `RECEIVE channel` or `SEND channel` starts it or follows an arrow.
 *
 * @example
 * isStepNotation('RECEIVE a -> SEND b -> STOP'); // true
 * isStepNotation('RECEIVE -> STOP'); // false: CSPM with an event called RECEIVE
 */
export function isStepNotation(text: string): boolean {
  const { tokens } = lex(text, 'steps');
  return tokens.some(({ kind, text: word }, at) => {
    const before = tokens[at - 1];
    const starts = before === undefined || before.kind === '->';
    return starts && kind === 'name' && /^(?:receive|send)$/i.test(word) && /^[a-z_]/i.test(tokens[at + 1]!.text);
  });
}

/**
 * The CSPM expression that a step list means, with notes on how it was read; or what is wrong with it.
 *
 * RECEIVE and SEND in any case, over any number of lines; at the end STOP, SKIP, REPEAT (from the start, for ever) or nothing.
 *
 * @example
 * translateSteps('RECEIVE user_input -> SEND response -> STOP');
 * // { cspm: 'user_input?x -> response!x -> SKIP', notes: [...] }
 */
export function translateSteps(text: string, options: StepOptions = {}): StepTranslation {
  const file = options.file ?? 'steps';
  if (!isStepNotation(text)) return { diagnostics: refuse(text, file) };
  return translateStepList(text, options, file);
}

/** Why `text` is no step list: what is wrong with it as CSPM, or that it is CSPM already. */
function refuse(text: string, file: string): readonly Diagnostic[] {
  const { diagnostics } = parseExpression(text, { file });
  if (diagnostics.some(({ severity }) => severity === 'error')) return diagnostics;
  const span: Span = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  const message = 'expected a step such as `RECEIVE channel`; this text is CSPM, not a step list';
  return [{ severity: 'error', code: 'CSP-SYN-028', span, message }];
}
