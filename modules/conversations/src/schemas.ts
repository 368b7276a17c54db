/** Shapes that several operations share. */
import { canonical } from '@enhanced-csp/engine/canonical';
import { z } from 'zod';

export const timestamp = z.iso.datetime();

/** A page of a list, as the source has it: `limit` and `offset`. */
export const paging = {
  limit: z.int().min(1).max(1000).default(50),
  offset: z.int().min(0).default(0),
};

export const listed = { total: z.int(), limit: z.int(), offset: z.int() };

/** Text that has a canonical form: what is logged must be hashable. */
export const text = z.string().refine((value) => value.isWellFormed(), 'well-formed Unicode, without lone surrogates');

export const name = text.trim().min(1).max(200);

/** Any JSON, of text that has a canonical form. */
export const data = z.json().refine(isCanonical, 'JSON of well-formed Unicode');

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

const step = z.object({ event: z.string(), from: z.string(), to: z.string() });

export const assertion = z.object({
  line: z.int(),
  text: z.string(),
  negated: z.boolean(),
  verdict: z.enum(['holds', 'fails', 'unknown', 'error']),
  states: z.int(),
  transitions: z.int(),
  milliseconds: z.number(),
  reason: z.string().optional(),
  counterexample: z
    .object({
      kind: z.enum(['trace', 'refusal', 'deadlock', 'divergence', 'nondeterminism', 'missing trace']),
      trace: z.array(z.string()),
      event: z.string().optional(),
      accepted: z.array(z.string()).optional(),
      required: z.array(z.array(z.string())).optional(),
      steps: z.array(step),
      loop: z.array(step).optional(),
    })
    .optional(),
  obligation: z.boolean().describe('Put on every script of its kind, not written in the script.'),
});
