/**
 * Is a process what libcspm prints for it? Its tests keep the equations of each process they evaluate:
 *
 *   P(0)::Q = c.0 -> STOP
 *
 *   P(0) = P(0)::Q
 *
 *   procTest1 = P(0) ||| P(1)
 *
 * The equations, with plain names for these made-up ones, are put below the script and evaluated with it; then the two terms are compared operator by
 * operator. Names do not count, nor does the order of what commutes. Two definitions may have been printed under one name; an occurrence of it may mean either.
 */
import { load } from '@enhanced-csp/engine';
import type { Process } from '@enhanced-csp/engine/csp';
import { type IncludeLoader, parseExpression } from '@enhanced-csp/engine/cspm';

interface Equation {
  readonly name: string;
  readonly body: string;
}

/** What libcspm writes for processes that CSPM has built in. */
const BUILT_IN = /^(?:SKIP|STOP|DIV|(?:CHAOS|RUN)\(.*\))$/;
const OCCURRENCES_MAX = 10;

/** Undefined: it is one of the `expected` texts, or nothing is expected but that it can be evaluated. Otherwise what differs from the first of them. */
export function differs(
  source: string,
  options: { readonly file: string; readonly include: IncludeLoader },
  name: string,
  expected: readonly string[],
): string | undefined {
  if (expected.length === 0) evaluated(source, options, name);
  let first: string | undefined;
  for (const text of expected) {
    const difference = differsFrom(source, options, name, text);
    if (difference === undefined) return undefined;
    first ??= difference;
  }
  return first;
}

/** Throws an `EvaluationFault` when the first operators of the process cannot be evaluated. */
function evaluated(source: string, options: Parameters<typeof load>[1], name: string): void {
  let process = load(source, options).evaluation!.process(parseExpression(name, options).expression!);
  for (let depth = 0; depth < 10 && process.kind === 'call'; depth++) process = process.unfold();
}

function differsFrom(
  source: string,
  options: { readonly file: string; readonly include: IncludeLoader },
  name: string,
  text: string,
): string | undefined {
  const equations = equationsOf(text);
  const names = [...new Set(equations.map((equation) => equation.name))];
  const variants = names.map((n) => equations.flatMap((equation, index) => (equation.name === n ? [index] : [])));
  const ambiguous = occurrences(equations, names).filter((index) => variants[index]!.length > 1);
  if (ambiguous.length > OCCURRENCES_MAX) return `${name}: too many definitions are printed under one name`;
  const choices = ambiguous.map((index) => variants[index]!);

  let difference = `${name}: nothing is expected`;
  for (const chosen of product(choices)) {
    let at = 0;
    const renamed = equations.map(({ body }) =>
      replaceNames(body, names, (index) => {
        const which = variants[index]!.length > 1 ? chosen[at++]! : variants[index]![0]!;
        return `Expected__${which}`;
      }),
    );
    const main = equations.findLastIndex((equation) => equation.name === name);
    if (main === -1) return `${name} is not among the equations expected`;
    const lines = renamed.map((body, index) => `Expected__${index} = ${plain(body)}`);
    const script = `${source}\n${asked(lines.join('\n'))}${lines.join('\n')}\nSTOPPED__(e) = e -> STOPPED__(e)\n`;
    const { evaluation, diagnostics } = load(script, options);
    if (evaluation === undefined) return `${name}: what is expected is not read: ${diagnostics[0]?.message}`;
    const process = (written: string) => evaluation.process(parseExpression(written, options).expression!);
    if (same(process(name), process(`Expected__${main}`), new Set())) return undefined;
    difference = `${name} is not the process expected`;
  }
  return difference;
}

function equationsOf(text: string): Equation[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const found = /^([^\n]*?) =\s+(.*)$/s.exec(paragraph.trim());
    return found === null || BUILT_IN.test(found[1]!) ? [] : [{ name: found[1]!, body: found[2]! }];
  });
}

/** A name stands where nothing goes before or after it that would make it part of another one. */
function replaceNames(body: string, names: readonly string[], by: (index: number) => string): string {
  const longest = names.map((name, index) => ({ name, index })).sort((a, b) => b.name.length - a.name.length);
  let result = '';
  let at = 0;
  while (at < body.length) {
    const inside = /[\w':]/.test(body[at - 1] ?? ' ');
    const found = inside
      ? undefined
      : longest.find(({ name }) => body.startsWith(name, at) && !/[\w'(:]/.test(body[at + name.length] ?? ' '));
    result += found === undefined ? body[at] : by(found.index);
    at += found === undefined ? 1 : found.name.length;
  }
  return result;
}

function occurrences(equations: readonly Equation[], names: readonly string[]): number[] {
  const found: number[] = [];
  for (const { body } of equations)
    replaceNames(body, names, (index) => {
      found.push(index);
      return '';
    });
  return found;
}

function* product(choices: readonly (readonly number[])[]): Generator<number[]> {
  const [first, ...rest] = choices;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const one of first) for (const others of product(rest)) yield [one, ...others];
}

/** CSPM for what libcspm prints in a notation of its own: timed STOP, and partial priority as its closed order with tau and tick. */
function plain(body: string): string {
  return body
    .replace(/\s+/g, ' ')
    .replaceAll(/\bSTOP\((\w+)\)/g, 'STOPPED__($1)')
    .replace(/prioritisepo\((.*), \{(.*)\}\)$/, (_, process: string, pairs: string) => {
      const order = [...pairs.matchAll(/\(([^,()]+), ([^,()]+)\)/g)].map(([, above, below]) => ({ above, below }));
      const own = order.filter(({ above }) => above !== 'τ' && above !== '✓');
      const events = new Set(own.flatMap(({ above, below }) => [above, below]));
      const below = new Set(order.filter(({ above }) => above === 'τ').map((pair) => pair.below));
      const maximal = [...events].filter((event) => !below.has(event));
      const written = own.map((pair) => `(${pair.above}, ${pair.below})`);
      return `prioritisepo(${process}, {${[...events]}}, {${written}}, {${maximal}})`;
    });
}

const EXTERNAL = ['prioritise', 'prioritisepo', 'chase', 'deter', 'trace_watchdog', 'failure_watchdog'];
const TRANSPARENT = [
  'normal',
  'sbisim',
  'dbisim',
  'wbisim',
  'diamond',
  'explicate',
  'tau_loop_factor',
  'model_compress',
];

/** The functions that the equations use; asking for one twice is a warning. */
function asked(equations: string): string {
  const used = (names: readonly string[]): string[] =>
    names.filter((name) => new RegExp(`\\b${name}\\(`).test(equations));
  return [
    ...used(EXTERNAL).map((name) => `external ${name}\n`),
    ...used(TRANSPARENT).map((name) => `transparent ${name}\n`),
  ].join('');
}

/** Operator by operator, through calls. `assumed`: pairs being compared further out; meeting one again is agreement. */
function same(a: Process, b: Process, assumed: Set<string>): boolean {
  const left = unfolded(a);
  const right = unfolded(b);
  if (left === right) return true;
  const pair = `${left.id} ${right.id}`;
  if (assumed.has(pair)) return true;
  const inner = new Set(assumed).add(pair);
  const ours = partsOf(left);
  const theirs = partsOf(right);
  if (ours.label !== theirs.label || ours.parts.length !== theirs.parts.length) return false;
  return ours.commutes ? matched(ours.parts, theirs.parts, inner) : paired(ours.parts, theirs.parts, inner);
}

interface Part {
  readonly label: string;
  readonly process: Process;
}

const paired = (ours: readonly Part[], theirs: readonly Part[], assumed: Set<string>): boolean =>
  ours.every((part, i) => part.label === theirs[i]!.label && same(part.process, theirs[i]!.process, assumed));

function matched(ours: readonly Part[], theirs: readonly Part[], assumed: Set<string>): boolean {
  const [first, ...rest] = ours;
  if (first === undefined) return true;
  return theirs.some(
    (other, at) =>
      first.label === other.label &&
      same(first.process, other.process, assumed) &&
      matched(rest, theirs.toSpliced(at, 1), assumed),
  );
}

function unfolded(process: Process): Process {
  const seen = new Set<Process>();
  let at = process;
  while (at.kind === 'call' && !seen.has(at)) {
    seen.add(at);
    at = at.unfold();
  }
  if (at.kind !== 'externalChoice') return at;
  const live = at.branches.filter((branch) => branch.kind !== 'stop');
  return live.length === 1 ? unfolded(live[0]!) : at;
}

/** The operator with its sets and relations, and its operands; a choice between prefixes is one choice of events. */
function partsOf(process: Process): { label: string; parts: Part[]; commutes: boolean } {
  if (process.kind === 'prefix' || process.kind === 'externalChoice')
    return { label: '[]', parts: branchesOf(process), commutes: true };
  if (process.kind === 'internalChoice') return { label: '|~|', parts: outcomesOf(process), commutes: true };
  const parts: Part[] = [];
  const about: unknown[] = [process.kind];
  for (const [key, value] of Object.entries(process)) {
    if (key === 'id' || key === 'kind' || key === 'name' || key === 'key' || key === 'span') continue;
    if (isProcess(value)) parts.push({ label: '', process: value });
    else if (Array.isArray(value) && value.some(isOperand))
      for (const operand of value)
        parts.push(
          isProcess(operand)
            ? { label: '', process: operand }
            : { label: `${operand.alphabet ?? operand.event}`, process: operand.process ?? operand.next },
        );
    else about.push(value);
  }
  const commutes = ['interleave', 'generalizedParallel', 'synchronizingChoice'].includes(process.kind);
  return { label: JSON.stringify(about), parts, commutes };
}

/** STOP, the unit of external choice, is left out, as libcspm does. */
function branchesOf(process: Process): Part[] {
  if (process.kind === 'stop') return [];
  if (process.kind === 'prefix')
    return process.branches.map(({ event, next }) => ({ label: `${event}`, process: next }));
  if (process.kind !== 'externalChoice') return [{ label: '', process }];
  return process.branches.flatMap((branch) =>
    branch.kind === 'prefix' || branch.kind === 'externalChoice' || branch.kind === 'stop'
      ? branchesOf(branch)
      : [{ label: '', process: branch }],
  );
}

const outcomesOf = (process: Process): Part[] =>
  process.kind === 'internalChoice' ? process.branches.flatMap(outcomesOf) : [{ label: '', process }];

const isProcess = (value: unknown): value is Process =>
  typeof value === 'object' && value !== null && 'kind' in value && 'id' in value;

const isOperand = (value: unknown): boolean =>
  isProcess(value) || (typeof value === 'object' && value !== null && ('process' in value || 'next' in value));
