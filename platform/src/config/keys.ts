/** The schema as a list of keys: what `csp config explain` prints, and what unknown names are compared with. */
import { z } from 'zod';
import type { KeyMeta } from './described.ts';
import { Configuration } from './schema.ts';

export interface ConfigurationKey {
  /** `limits.body_bytes` */
  readonly path: string;
  readonly description: string;
  /** `CSP_LIMITS_BODY_BYTES` */
  readonly env: string;
  /** `true`: a URL whose password is never printed; `'whole'`: nothing of it is. */
  readonly secret: boolean | 'whole';
  /** Text from the environment or a flag becomes this before the schema reads it. */
  readonly type: 'text' | 'number' | 'boolean' | 'list';
  /** Of `text`: what it may be, if only that. */
  readonly values?: readonly string[];
  readonly aliases: readonly string[];
  /** What it is when nobody sets it; undefined when the description says so. */
  readonly default: unknown;
  /** Why it does nothing in this version. */
  readonly withoutEffect?: string;
}

let keys: readonly ConfigurationKey[] | undefined;

/** In the order of the schema. */
export function configurationKeys(): readonly ConfigurationKey[] {
  keys ??= keysOf(Configuration, []);
  return keys;
}

/** The key that goes by this name, its own or another. */
export function keyNamed(name: string): ConfigurationKey | undefined {
  return configurationKeys().find(({ path, aliases }) => path === name || aliases.includes(name));
}

function keysOf(schema: z.ZodType, path: readonly string[]): readonly ConfigurationKey[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape).flatMap(([name, field]) => keysOf(field as z.ZodType, [...path, name]));
  const meta = schema.meta() as KeyMeta | undefined;
  return [
    {
      path: path.join('.'),
      description: meta?.description ?? '',
      env: meta?.env ?? `CSP_${path.join('_').toUpperCase()}`,
      secret: meta?.secret ?? false,
      type: typeOf(inner),
      ...(inner instanceof z.ZodEnum ? { values: inner.options.map(String) } : {}),
      aliases: meta?.aliases ?? [],
      default: schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined,
      ...(meta?.withoutEffect === undefined ? {} : { withoutEffect: meta.withoutEffect }),
    },
  ];
}

function typeOf(schema: z.ZodType): ConfigurationKey['type'] {
  if (schema instanceof z.ZodBoolean) return 'boolean';
  if (schema instanceof z.ZodArray) return 'list';
  return schema instanceof z.ZodNumber ? 'number' : 'text';
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional)
    return unwrap(schema.unwrap() as z.ZodType);
  return schema;
}
