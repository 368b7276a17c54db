/**
 * Reads a JSON body: bounded in depth, without keys that would change prototypes, and with the place where it stops being JSON.
 */
import { Fault } from '@enhanced-csp/platform';
import { jsonFaultAt } from './json-fault.ts';

const DEPTH_MAX = 64;
/** Keys that assign to prototypes when copied carelessly. Escapes count too: `\u005f` is an underscore. */
const SUSPECT = /"(?:_|\\u005[fF])(?:_|\\u005[fF])proto/;

/** @throws Fault `CSP-GTW-002`, or `CSP-GTW-004` when it is nested too deep. An empty body is no body. */
export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  refuseDeep(text);
  try {
    return SUSPECT.test(text) ? JSON.parse(text, refusePrototype) : JSON.parse(text);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const lines = text.slice(0, jsonFaultAt(text) ?? 0).split('\n');
    const place = { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
    throw new Fault('CSP-GTW-002', 'invalid', `The body is not JSON: line ${place.line}, column ${place.column}.`, {
      details: place,
      cause,
    });
  }
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__')
    throw new Fault('CSP-GTW-002', 'invalid', 'The body has a key __proto__, which is not read.');
  return value;
}

function refuseDeep(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === 0x5c) at++;
      else if (character === 0x22) quoted = false;
    } else if (character === 0x22) quoted = true;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > DEPTH_MAX)
        throw new Fault('CSP-GTW-004', 'too large', `The body is nested deeper than ${DEPTH_MAX} levels.`, {
          details: { depthMax: DEPTH_MAX },
        });
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
}
