import type { Process, Terms } from '../csp/index.ts';
import type { Limits, Lts } from './lts.ts';
import { termLts } from './term-lts.ts';

export function compile(terms: Terms, process: Process, _limits: Limits = {}): Lts {
  return termLts(terms, process);
}
