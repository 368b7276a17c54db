/**
 * Kinds of processes that modules bring: a configuration becomes a specification, and from there on it is an atomic process like one that was written
 * by hand: examined, verified, run, part of composites.
 */
import { type Catalog, Fault, nearest } from '@enhanced-csp/platform';
import { z } from 'zod';
import { fault } from '../fault.ts';
import { BEHAVIOR, CHANNELS } from '../schemas.ts';
import type { Draft } from './process-record.ts';

const BUILT_IN = [
  { type: 'atomic', description: 'Its behavior is written: in step notation, or as a process expression of CSPM.' },
  { type: 'composite', description: 'Other processes, joined by an operator of CSP.' },
];

/** All there are, with what a configuration must be. */
export function kindsOf(catalog: Catalog) {
  const brought = [...catalog.processKinds()].map(([type, { description, config }]) => ({
    type,
    description,
    config: z.toJSONSchema(config, { io: 'input', unrepresentable: 'any' }),
  }));
  return [...BUILT_IN, ...brought];
}

const specification = z.strictObject({ inputs: CHANNELS, outputs: CHANNELS, behavior: BEHAVIOR });

/**
 * @throws Fault `CSP-CNV-023` for a kind that no module brings, `CSP-CNV-024` for a configuration that it does not take, `CSP-CNV-025` when it gives no
 *   specification; faults of the module pass as they are.
 */
export function specified(catalog: Catalog, kind: string, given: unknown): Draft {
  const kinds = catalog.processKinds();
  const known = kinds.get(kind);
  if (known === undefined) {
    const all = [...BUILT_IN.map(({ type }) => type), ...kinds.keys()];
    const near = nearest(kind, all);
    const meant = near === undefined ? '' : ` Did you mean ${near}?`;
    throw fault('CSP-CNV-023', `there is no kind of process ${kind}; there are ${all.join(', ')}.${meant}`, {
      details: { kinds: all },
    });
  }
  const read = known.config.safeParse(given ?? {});
  if (!read.success) {
    const errors = read.error.issues.map(({ path, message }) => ({
      pointer: ['/config', ...path.map((step) => `/${String(step)}`)].join(''),
      in: 'body' as const,
      detail: message,
    }));
    const [first] = errors;
    throw fault('CSP-CNV-024', `${kind}: ${first?.pointer}: ${first?.detail}`, { details: { errors } });
  }
  try {
    const definition = specification.parse(known.specify(read.data));
    return { type: 'atomic', definition, specifiedBy: { kind, config: given ?? {} } };
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : (cause as Error).message;
    throw fault('CSP-CNV-025', `the kind ${kind} gave no specification: ${why}`, { details: { kind }, cause });
  }
}
