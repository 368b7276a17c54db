/**
 * Process terms in words: CSPM, with calls by name, for counterexamples and diagnostics.
 */
import type { EventSet } from './events.ts';
import { operatorOf, type Printer } from './operators/index.ts';
import type { Process } from './process.ts';
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
  let depth = 0;
  let parts = 0;
  const printer: Printer = {
    process(part, atLeast) {
      if (depth === DEPTH_MAX || parts++ > lengthMax) return '…';
      depth++;
      const operator = operatorOf(part);
      const text = operator.show(part, printer);
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
