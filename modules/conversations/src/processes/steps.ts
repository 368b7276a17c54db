/**
 * Step notation: `RECEIVE a -> SEND b -> STOP`, translated to CSPM so that everyone can see what it means: `a?x -> b!x -> SKIP`.
 *
 * A final STOP of a step list means the end, and becomes SKIP: CSP's STOP is deadlock. SEND passes on what was received last.
 */
import type { ReportedDiagnostic } from '@enhanced-csp/engine';

export interface Translation {
  /** A process expression of CSPM. */
  readonly cspm: string;
  readonly notes: readonly string[];
}

export type StepReading =
  | { readonly kind: 'steps'; readonly translation: Translation }
  | { readonly kind: 'ill-formed'; readonly diagnostics: readonly ReportedDiagnostic[] }
  /** No step notation: the behavior is CSPM as it stands. */
  | { readonly kind: 'not steps' };

/** The one value a channel carries in the model: what messages say does not decide how a step list goes on. */
export const MESSAGE = 'message';

interface Token {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/**
 * @example
 * readSteps('RECEIVE a -> SEND b -> STOP', 'p.csp'); // translation.cspm: 'a?x -> b!x -> SKIP'
 */
export function readSteps(behavior: string, file: string): StepReading {
  if (!/\b(RECEIVE|SEND)\b/.test(behavior)) return { kind: 'not steps' };
  const tokens = tokensOf(behavior);
  const diagnostics: ReportedDiagnostic[] = [];
  const problem = (token: Token, message: string, fix?: string): void => {
    const { line, column } = token;
    diagnostics.push({
      severity: 'error',
      code: 'CSP-STP-001',
      file,
      line,
      column,
      message,
      ...(fix !== undefined && { fix }),
    });
  };
  const parts: string[] = [];
  const notes: string[] = [];
  let received = 0;
  let at = 0;
  let ended = false;
  while (at < tokens.length) {
    const token = tokens[at++]!;
    if (token.text === 'RECEIVE' || token.text === 'SEND') {
      const channel = tokens[at];
      if (channel === undefined || !/^[A-Za-z]\w*'*$/.test(channel.text)) {
        problem(
          channel ?? token,
          `${token.text} needs the name of a channel${channel === undefined ? '' : `, found \`${channel.text}\``}`,
        );
        break;
      }
      at++;
      if (token.text === 'RECEIVE') parts.push(`${channel.text}?${variable(++received)}`);
      else parts.push(`${channel.text}!${received === 0 ? MESSAGE : variable(received)}`);
    } else if (token.text === 'STOP' || token.text === 'SKIP') {
      if (token.text === 'STOP')
        notes.push('The final STOP of a step list means the end: it is SKIP in CSPM, where STOP is a deadlock.');
      parts.push('SKIP');
      ended = true;
    } else {
      problem(token, `expected RECEIVE, SEND, STOP or SKIP, found \`${token.text}\``);
      break;
    }
    const arrow = tokens[at];
    if (arrow === undefined) break;
    if (ended) {
      problem(arrow, `nothing can follow the end, found \`${arrow.text}\``, '');
      break;
    }
    if (arrow.text !== '->') {
      problem(arrow, `expected \`->\` between two steps, found \`${arrow.text}\``, `-> ${arrow.text}`);
      break;
    }
    at++;
    if (at === tokens.length) break;
  }
  const last = tokens.at(-1)!;
  if (diagnostics.length === 0 && !ended) {
    const dangling = last.text === '->';
    problem(last, 'a step list ends with STOP', dangling ? '-> STOP' : `${last.text} -> STOP`);
  }
  return diagnostics.length > 0
    ? { kind: 'ill-formed', diagnostics }
    : { kind: 'steps', translation: { cspm: parts.join(' -> '), notes } };
}

function variable(count: number): string {
  return count === 1 ? 'x' : `x${count}`;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [index, content] of text.split('\n').entries())
    for (const match of content.matchAll(/->|[A-Za-z]\w*'*|\S/g))
      tokens.push({ text: match[0], line: index + 1, column: match.index + 1 });
  return tokens;
}
