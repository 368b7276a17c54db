/** Shapes that several operations share. */
import { canonical } from '@enhanced-csp/engine/canonical';
import { z } from 'zod';

export const timestamp = z.iso.datetime();

/** Text that has a canonical form: what is logged must be hashable. */
export const text = z.string().refine((value) => value.isWellFormed(), 'well-formed Unicode, without lone surrogates');

export const name = text.trim().min(1).max(200);

/** Any JSON, of text that has a canonical form. Not `z.json()`: that walks the value a second time, with tables for cycles that JSON cannot have. */
export const data = z.custom<z.core.util.JSONType>(isCanonical, 'JSON of well-formed Unicode');

function isCanonical(value: unknown): boolean {
  try {
    canonical(value);
    return true;
  } catch {
    return false;
  }
}

/** Names of roles, channels and processes in scripts. */
export const identifier = z
  .string()
  .max(100)
  .regex(/^[A-Za-z]\w*'*$/, 'a letter, then letters, digits and underscores');

export const diagnostic = z.object({
  severity: z.enum(['error', 'warning', 'note']),
  code: z.string(),
  file: z.string(),
  line: z.int(),
  column: z.int(),
  message: z.string(),
  fix: z.string().optional(),
});

/** Channels of an atomic process. */
export const CHANNELS = z.array(identifier).max(100).default([]);

/** Steps, or a process expression of CSPM. */
export const BEHAVIOR = text.min(1).max(64 * 1024);

const names = z.array(z.string());
const indices = z.array(z.int());

const step = z.object({
  event: z.string(),
  from: z.string(),
  to: z.string(),
  hidden: z.string().optional().describe('For an internal step: the event that was hidden.'),
  participants: indices.optional().describe('Indices of the components that took part.'),
});

const component = z.object({
  name: z.string(),
  trace: names.describe('What it did itself, by its own names of the events.'),
  state: z.string(),
  offers: names.describe('What it could do next if nobody hindered it.'),
  terminated: z.boolean(),
  within: z.string().optional().describe('The last definition it went through.'),
  place: z
    .object({ file: z.string(), line: z.int(), column: z.int(), endLine: z.int(), endColumn: z.int() })
    .optional(),
});

export const assertion = z.object({
  line: z.int(),
  text: z.string(),
  negated: z.boolean(),
  verdict: z.enum(['holds', 'fails', 'unknown', 'error']),
  states: z.int(),
  transitions: z.int(),
  milliseconds: z.number(),
  reason: z.string().optional(),
  notes: names.optional().describe('What was asked for and did not change how it was decided.'),
  explanation: names.optional().describe('The counterexample in sentences: what is wrong, then why.'),
  counterexample: z
    .object({
      kind: z.enum(['trace', 'refusal', 'revival', 'deadlock', 'divergence', 'nondeterminism', 'missing trace']),
      trace: names,
      event: z.string().optional(),
      refused: z
        .array(names.nullable())
        .optional()
        .describe('What was seen to be refused before each event of the trace; null where that does not matter.'),
      accepted: names.optional(),
      required: z.array(names).optional(),
      allowed: names.optional().describe('What the specification could do after the trace.'),
      steps: z.array(step),
      loop: z.array(step).optional(),
      accepting: z.array(step).optional().describe('A run that accepts the event after the trace.'),
      refusing: z.array(step).optional().describe('A run that comes to refuse it.'),
      components: z.array(component).optional().describe('The same behavior, component by component.'),
      blocked: z
        .array(z.object({ event: z.string(), offeredBy: indices, refusedBy: indices }))
        .optional()
        .describe('What components offer at the end, and cannot do, and who refuses it.'),
      ring: indices.optional().describe('Components, each of which waits for the next, and the last for the first.'),
    })
    .optional(),
  obligation: z.boolean().describe('Put on every script of its kind, not written in the script.'),
});
