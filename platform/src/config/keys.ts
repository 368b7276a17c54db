/** The schema as a list of keys: what `csp config explain` prints, and what unknown names are compared with. */
import { z } from 'zod';
import { Configuration } from './schema.ts';

export interface ConfigurationKey {
  /** `limits.body_bytes` */
  readonly path: string;
  readonly description: string;
  /** `CSP_LIMITS_BODY_BYTES` */
  readonly env: string;
  /** A URL whose password is never printed. */
  readonly secret: boolean;
  /** Text from the environment or a flag becomes this before the schema reads it. */
  readonly type: 'text' | 'number' | 'boolean';
}

let keys: readonly ConfigurationKey[] | undefined;

/** In the order of the schema. */
export function configurationKeys(): readonly ConfigurationKey[] {
  keys ??= keysOf(Configuration, []);
  return keys;
}

function keysOf(schema: z.ZodType, path: readonly string[]): readonly ConfigurationKey[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([name, field]) => keysOf(field as z.ZodType, [...path, name]));
  const meta = schema.meta() as { description?: string; env?: string; secret?: boolean } | undefined;
  return [
    {
      path: path.join('.'),
      description: meta?.description ?? '',
      env: meta?.env ?? `CSP_${path.join('_').toUpperCase()}`,
      secret: meta?.secret ?? false,
      type: inner instanceof z.ZodBoolean ? 'boolean' : inner instanceof z.ZodNumber ? 'number' : 'text',
    },
  ];
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap() as z.ZodType);
  return schema;
}
