/**
 * Process terms in words: CSPM, with calls by name, for counterexamples and diagnostics.
 */
import type { EventSet } from './events.ts';
import { operatorOf, type Printer } from './operators/index.ts';
import type { Call, Process } from './process.ts';
import type { Terms } from './terms.ts';

const LENGTH_MAX = 240;
const DEPTH_MAX = 12;
const EVENTS_MAX = 16;

/**
 * The process in CSPM, at most `lengthMax` characters (240 if not said); what is left out is shown as `…`.
 * A term without calls to anonymous processes, and short enough, can be read back by the parser.
 *
 * @example
 * show(terms, terms.externalChoice([terms.prefix(a, terms.stop), terms.skip])); // 'a -> STOP [] SKIP'
 */
export function show(terms: Terms, process: Process, lengthMax = LENGTH_MAX): string {
  return shown(terms, process, lengthMax, (call) => call);
}

export interface Equation {
  readonly name: string;
  readonly body: string;
}

/**
 * The process as a system of equations: the name and body of every call that it leads to, its own first if it is one, at most `countMax` (100 if not said),
 * each body at most `lengthMax` characters. Calls without a name are written out in place.
 *
 * @example
 * const clock = terms.call('CLOCK', () => terms.prefix(tick, clock), { name: 'CLOCK' });
 * equations(terms, clock); // [{ name: 'CLOCK', body: 'tick -> CLOCK' }]
 */
export function equations(
  terms: Terms,
  process: Process,
  { countMax = 100, lengthMax = 2000 }: { readonly countMax?: number; readonly lengthMax?: number } = {},
): Equation[] {
  const waiting: Call[] = [];
  const met = new Set<Process>();
  const written = new Set<Process>();
  const reach = (part: Process): Process => {
    if (part.kind !== 'call') return part;
    if (part.name === undefined) {
      if (written.has(part)) return part;
      written.add(part);
      return reach(part.unfold());
    }
    if (!met.has(part)) waiting.push(part);
    met.add(part);
    return part;
  };
  const found: Equation[] = [];
  reach(process);
  for (let call = waiting.shift(); call !== undefined && found.length < countMax; call = waiting.shift()) {
    written.clear();
    found.push({ name: call.name!, body: shown(terms, reach(call.unfold()), lengthMax, reach) });
  }
  return found;
}

/** `reach` says what to print for each part. */
function shown(terms: Terms, process: Process, lengthMax: number, reach: (part: Process) => Process): string {
  let depth = 0;
  let parts = 0;
  const printer: Printer = {
    process(part, atLeast) {
      if (depth === DEPTH_MAX || parts++ > lengthMax) return '…';
      depth++;
      const reached = reach(part);
      const operator = operatorOf(reached);
      const text = operator.show(reached, printer);
      depth--;
      return operator.precedence < atLeast ? `(${text})` : text;
    },
    event: (event) => terms.alphabet.nameOf(event),
    events(events: EventSet) {
      const names = events.slice(0, EVENTS_MAX).map((event) => terms.alphabet.nameOf(event));
      return `{${names.join(', ')}${events.length > EVENTS_MAX ? ', …' : ''}}`;
    },
  };
  const text = printer.process(process, 0);
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 1)}…`;
}
