/**
 * A counterexample with the least data: numbers at the top of a script are made smaller for as long as the same assertion fails in the same way.
 *
 * What is tried: constants that are a number, and the ranges and sets of numbers in the types of channels, datatypes and nametypes, of the file itself. Each is
 * tried from its least value up, the others staying as they are, until none can be made smaller alone. Every try is an ordinary check within limits; what is
 * wrong, undecided or fails otherwise is not taken. Of the shortest counterexamples of what is left, the one with the least trace is told; in V and R the one
 * that was found.
 *
 * Zeller, Hildebrandt, Simplifying and isolating failure-inducing input, IEEE TSE 28(2), 2002.
 */
import { type CheckOptions, check } from './check.ts';
import type { Span } from './csp/index.ts';
import type { Syntax } from './cspm/index.ts';
import { reportedPlace } from './explanation.ts';
import { load } from './load.ts';
import type { ReportedAssertion, ReportedNumber, ReportedShrunk } from './report.ts';

export interface ShrinkOptions extends CheckOptions {
  /** Index of the assertion. */
  readonly only: number;
  /** Checks, at most. Default: 200. */
  readonly checkCountMax?: number;
}

const CHECK_COUNT_MAX = 200;
/** States of one check where the caller sets no limit: what is smaller than a script that was decided needs few. */
const STATE_COUNT_MAX = 200_000;

/**
 * The assertion with the least data for which it still fails; undefined when it has no counterexample to begin with. `timeoutMs` is for all of it.
 *
 * @example
 * shrinkData('N = 5\nchannel c : {0..N}\nassert STOP [T= c.1 -> STOP', { file: 'c.csp', now: () => performance.now(), only: 0 })?.numbers; // N: 1, given 5
 */
export function shrinkData(source: string, options: ShrinkOptions): ReportedShrunk | undefined {
  const { script } = load(source, { ...options, until: 'parse' });
  const end = options.timeoutMs === undefined ? undefined : options.now() + options.timeoutMs;
  const { onDecided, onProgress, ...quiet } = options;
  let checks = 0;
  const isSpent = (): boolean =>
    checks >= (options.checkCountMax ?? CHECK_COUNT_MAX) ||
    options.signal?.aborted === true ||
    (end !== undefined && options.now() >= end);
  const attempt = (text: string): ReportedAssertion | undefined => {
    checks++;
    const report = check(text, {
      ...quiet,
      stateCountMax: options.stateCountMax ?? STATE_COUNT_MAX,
      leastTrace: true,
      ...(end !== undefined && { timeoutMs: Math.max(0, end - options.now()) }),
    });
    return report.diagnostics.some(({ severity }) => severity === 'error') ? undefined : report.assertions[0];
  };

  const given = attempt(source);
  const kind = given?.counterexample?.kind;
  if (given === undefined || kind === undefined) return undefined;
  const numbers = numbersOf(script, source);
  let values = numbers.map(({ given: value }) => value);
  let least = given;
  const tried = new Set([values.join()]);
  let complete = true;
  for (let at = 0, unchanged = 0; unchanged < numbers.length; at = (at + 1) % numbers.length) {
    unchanged++;
    for (let value = numbers[at]!.least; value < values[at]!; value++) {
      const candidate = values.with(at, value);
      if (tried.has(candidate.join())) continue;
      if (isSpent()) {
        complete = false;
        break;
      }
      tried.add(candidate.join());
      const found = attempt(written(source, numbers, candidate));
      if (found?.verdict !== given.verdict || found.counterexample?.kind !== kind) continue;
      values = candidate;
      least = found;
      unchanged = 0;
      break;
    }
    if (!complete) break;
  }
  const changed = numbers.flatMap((number, i): ReportedNumber[] =>
    values[i] === number.given
      ? []
      : [{ name: number.name, given: number.text, least: number.write(values[i]!), place: reportedPlace(number.span) }],
  );
  return { numbers: changed, checks, complete, source: written(source, numbers, values), assertion: least };
}

/** Something in the script that has a size. */
interface Sized {
  readonly name: string;
  readonly span: Span;
  readonly text: string;
  readonly given: number;
  readonly least: number;
  write(value: number): string;
}

function written(source: string, numbers: readonly Sized[], values: readonly number[]): string {
  let text = source;
  const offsetOf = offsetsIn(source);
  // From the end on, so that the places before stay where they are.
  const places = numbers.map((number, i) => ({ number, value: values[i]! }));
  places.sort(
    (a, b) => offsetOf(b.number.span.line, b.number.span.column) - offsetOf(a.number.span.line, a.number.span.column),
  );
  for (const { number, value } of places) {
    const { line, column, endLine, endColumn } = number.span;
    const replacement = value === number.given ? number.text : number.write(value);
    text = text.slice(0, offsetOf(line, column)) + replacement + text.slice(offsetOf(endLine, endColumn));
  }
  return text;
}

function offsetsIn(source: string): (line: number, column: number) => number {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (line, column) => starts[line - 1]! + column - 1;
}

function numbersOf(script: Syntax.Script, source: string): readonly Sized[] {
  const offsetOf = offsetsIn(source);
  const textOf = ({ line, column, endLine, endColumn }: Span): string =>
    source.slice(offsetOf(line, column), offsetOf(endLine, endColumn));
  const inTypes = (name: string, type: Syntax.Expression | undefined): Sized[] => {
    if (type === undefined) return [];
    switch (type.kind) {
      case 'paren':
        return inTypes(name, type.inner);
      case 'dot':
        return [...inTypes(name, type.left), ...inTypes(name, type.right)];
      case 'tuple':
        return type.elements.flatMap((element) => inTypes(name, element));
      case 'apply':
        return type.arguments.flatMap((argument) => inTypes(name, argument));
      case 'set': {
        const { elements } = type;
        if (elements.length < 2 || !elements.every(({ kind }) => kind === 'number')) return [];
        const write = (count: number): string =>
          `{${elements
            .slice(0, count)
            .map(({ span }) => textOf(span))
            .join(', ')}}`;
        return [{ name, span: type.span, text: textOf(type.span), given: elements.length, least: 1, write }];
      }
      case 'setRange': {
        const { low, high } = type;
        if (low.kind !== 'number' || high?.kind !== 'number') return [];
        const write = (value: number): string => `{${low.value}..${value}}`;
        return [
          {
            name,
            span: type.span,
            text: textOf(type.span),
            given: Number(high.value),
            least: Number(low.value),
            write,
          },
        ];
      }
      default:
        return [];
    }
  };
  const inDeclaration = (declaration: Syntax.Declaration): Sized[] => {
    if (declaration.span.file !== script.file) return [];
    switch (declaration.kind) {
      case 'pattern': {
        const { pattern, body } = declaration;
        if (pattern.kind !== 'name' || body.kind !== 'number') return [];
        const given = Number(body.value);
        return [{ name: textOf(pattern.span), span: body.span, text: `${given}`, given, least: 0, write: String }];
      }
      case 'channel':
        return inTypes(`channel ${declaration.names.map(({ name }) => name).join(', ')}`, declaration.type);
      case 'nametype':
        return inTypes(`nametype ${declaration.name.name}`, declaration.type);
      case 'datatype':
        return declaration.constructors.flatMap(({ name, type }) => inTypes(name.name, type));
      case 'timed':
        return declaration.declarations.flatMap(inDeclaration);
      default:
        return [];
    }
  };
  return script.declarations.flatMap(inDeclaration).filter(({ given }) => Number.isSafeInteger(given));
}
