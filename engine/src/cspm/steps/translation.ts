/** Reads a step list and writes it as CSPM. The notation itself is described in `../steps.ts`. */
import type { Span } from '../../csp/index.ts';
import type { SyntaxCode } from '../codes.ts';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { lex } from '../lexer.ts';
import type { Token } from '../tokens.ts';

export interface StepOptions {
  /** The channels that RECEIVE may name; any when absent. */
  readonly inputs?: readonly string[];
  /** The channels that SEND may name; any when absent. */
  readonly outputs?: readonly string[];
  /** Name for spans. */
  readonly file?: string;
}

export type StepTranslation =
  | { readonly cspm: string; readonly notes: readonly Diagnostic[] }
  | { readonly diagnostics: readonly Diagnostic[] };

/** The translation of a text that is known to be meant as a step list. */
export function translateStepList(text: string, options: StepOptions, file: string): StepTranslation {
  const { tokens, diagnostics } = lex(text, file);
  const list = new StepReader(file, tokens, options).read();
  const found = [...diagnostics.filter(({ severity }) => severity === 'error'), ...list.diagnostics];
  return found.length > 0 ? { diagnostics: found } : write(list);
}

interface Step {
  readonly action: 'receive' | 'send';
  readonly channel: string;
  readonly span: Span;
}
interface StepList {
  readonly steps: readonly Step[];
  readonly ending: { readonly word: 'STOP' | 'SKIP' | 'REPEAT'; readonly span: Span } | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

class StepReader {
  readonly #file: string;
  readonly #tokens: readonly Token[];
  readonly #options: StepOptions;
  readonly #diagnostics: Diagnostic[] = [];
  #at = 0;

  constructor(file: string, tokens: readonly Token[], options: StepOptions) {
    this.#file = file;
    this.#tokens = tokens;
    this.#options = options;
  }

  read(): StepList {
    const steps: Step[] = [];
    let ending: StepList['ending'];
    while (this.#peek().kind !== 'end') {
      const token = this.#next();
      const word = token.kind === 'name' ? token.text.toUpperCase() : '';
      if (word === 'RECEIVE' || word === 'SEND') {
        const step = this.#step(token, word === 'RECEIVE' ? 'receive' : 'send');
        if (step !== undefined) steps.push(step);
      } else if (word === 'STOP' || word === 'SKIP' || word === 'REPEAT') {
        ending = { word, span: this.#spanOf(token) };
        if (this.#peek().kind !== 'end') this.#refuseAfterEnding(token, word);
      } else {
        this.#refuseStep(token);
      }
      if (!this.#arrow()) break;
    }
    return { steps, ending, diagnostics: this.#diagnostics };
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #step(word: Token, action: Step['action']): Step | undefined {
    const token = this.#peek();
    if (token.kind !== 'name') {
      const found = token.kind === 'end' ? 'the end' : `\`${token.text}\``;
      this.#report(
        'CSP-SYN-028',
        this.#spanOf(word),
        `expected the name of a channel after ${word.text}, found ${found}`,
      );
      if (token.kind !== '->' && token.kind !== 'end') this.#next();
      return undefined;
    }
    let channel = this.#next().text;
    if (this.#joinsHyphen()) {
      while (this.#joinsHyphen()) {
        this.#next();
        channel += `_${this.#next().text}`;
      }
      const span = this.#between(token, this.#tokens[this.#at - 1]!);
      const message = 'the name of a channel is made of letters, digits and `_`';
      this.#report('CSP-SYN-028', span, message, { title: `write \`${channel}\``, span, replacement: channel });
      return undefined;
    }
    while (this.#peek().kind === '.' && /name|number/.test(this.#tokens[this.#at + 1]?.kind ?? '')) {
      this.#next();
      channel += `.${this.#next().text}`;
    }
    const span = this.#between(word, this.#tokens[this.#at - 1]!);
    this.#checkChannel(action, channel, token);
    return { action, channel, span };
  }

  /** Whether `-name` follows without a space, as in `user-input`. */
  #joinsHyphen(): boolean {
    const hyphen = this.#peek();
    const following = this.#tokens[this.#at + 1];
    const touches = hyphen.start === this.#tokens[this.#at - 1]!.end && following?.start === hyphen.end;
    return hyphen.kind === '-' && touches && (following.kind === 'name' || following.kind === 'number');
  }

  #checkChannel(action: Step['action'], channel: string, token: Token): void {
    const { inputs, outputs } = this.#options;
    const declared = action === 'receive' ? inputs : outputs;
    const name = token.text;
    if (declared === undefined || declared.includes(name) || declared.includes(channel)) return;
    const list = declared.length === 0 ? 'none' : declared.join(', ');
    const kind = action === 'receive' ? 'inputs' : 'outputs';
    const span = this.#spanOf(token);
    const only = declared.length === 1 ? declared[0] : undefined;
    this.#report(
      'CSP-SYN-028',
      span,
      `\`${name}\` is not among the ${kind} of the process (${list})`,
      only === undefined ? undefined : { title: `write \`${only}\``, span, replacement: only },
    );
  }

  /** Reads the arrow between two steps; false at the end of the list. */
  #arrow(): boolean {
    const token = this.#peek();
    if (token.kind === 'end') return false;
    if (token.kind === '->') {
      this.#next();
      if (this.#peek().kind === 'end') {
        this.#report('CSP-SYN-028', this.#spanOf(token), 'expected a step, STOP, SKIP or REPEAT after the last `->`', {
          title: 'end with STOP',
          span: this.#spanOf(token),
          replacement: '-> STOP',
        });
      }
      return true;
    }
    const { endLine, endColumn } = this.#tokens[this.#at - 1]!;
    const gap: Span = { file: this.#file, line: endLine, column: endColumn, endLine, endColumn };
    this.#report('CSP-SYN-028', this.#spanOf(token), `expected \`->\` between two steps, found \`${token.text}\``, {
      title: 'insert `->`',
      span: gap,
      replacement: ' ->',
    });
    return true;
  }

  #refuseAfterEnding(token: Token, word: string): void {
    const span = this.#spanOf(token);
    const { kind } = this.#peek();
    this.#report('CSP-SYN-009', span, `${word} ends a step list; nothing can follow it`, {
      title: `remove ${word} here`,
      span: kind === '->' ? this.#between(token, this.#peek()) : span,
      replacement: '',
    });
  }

  #refuseStep(token: Token): void {
    const span = this.#spanOf(token);
    const expected = 'expected `RECEIVE channel`, `SEND channel`, STOP, SKIP or REPEAT';
    this.#report('CSP-SYN-028', span, `${expected}, found \`${token.text}\``);
    // What belongs to the unknown step is not reported again.
    while (this.#peek().kind !== '->' && this.#peek().kind !== 'end') this.#next();
  }

  #spanOf(token: Token): Span {
    return this.#between(token, token);
  }

  #between(first: Token, last: Token): Span {
    const { line, column } = first;
    return { file: this.#file, line, column, endLine: last.endLine, endColumn: last.endColumn };
  }

  #report(code: SyntaxCode, span: Span, message: string, fix?: Fix): void {
    this.#diagnostics.push(problem(code, span, message, fix));
  }
}

function problem(code: SyntaxCode, span: Span, message: string, fix?: Fix): Diagnostic {
  return { severity: 'error', code, span, message, ...(fix && { fix }) };
}

/** The CSPM of a list without faults. */
function write({ steps, ending }: StepList): StepTranslation {
  const notes: Diagnostic[] = [];
  const note = (span: Span, message: string): void => {
    notes.push({ severity: 'note', code: 'CSP-SYN-029', span, message });
  };
  const taken = new Set(steps.flatMap(({ channel }) => channel.split('.')));
  const variables = freshNames(['x', 'y', 'z', 'u', 'v', 'w'], taken);
  let latest: string | undefined;
  const prefixes = steps.map(({ action, channel, span }) => {
    if (action === 'receive') {
      latest = variables.next().value!;
      return `${channel}?${latest}`;
    }
    if (latest !== undefined) return `${channel}!${latest}`;
    latest = variables.next().value!;
    note(span, `nothing was received before this SEND: the process itself chooses the value, \`${channel}$${latest}\``);
    return `${channel}$${latest}`;
  });
  const body = `${prefixes.join(' -> ')} -> `;
  if (ending?.word === 'REPEAT') {
    const name = freshNames(['LOOP'], taken).next().value!;
    note(ending.span, `REPEAT starts the list again: it is written as a process \`${name}\` that calls itself`);
    return { cspm: `let ${name} = ${body}${name} within ${name}`, notes };
  }
  if (ending?.word === 'STOP') {
    note(ending.span, 'a final STOP of a step list means the end, in CSP `SKIP`; STOP of CSP is deadlock');
  } else if (ending === undefined) {
    note(steps.at(-1)!.span, 'the list ends after this step: `SKIP` was added');
  }
  return { cspm: `${body}SKIP`, notes };
}

/** The preferred names that are not taken, then numbered ones. */
function* freshNames(preferred: readonly string[], taken: ReadonlySet<string>): Generator<string, never> {
  for (const name of preferred) if (!taken.has(name)) yield name;
  for (let n = 1; ; n++) {
    const name = `${preferred[0]}${n}`;
    if (!taken.has(name)) yield name;
  }
}
