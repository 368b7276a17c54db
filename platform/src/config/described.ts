import type { z } from 'zod';

/** What a key says about itself beside its type; the name of its environment variable follows from its path unless given. */
export interface KeyMeta {
  readonly description: string;
  readonly env?: string;
  /** `true`: a URL whose password is never printed; `'whole'`: nothing of it is. */
  readonly secret?: true | 'whole';
  /** Other names of the key, as paths: those of the guide. */
  readonly aliases?: readonly string[];
  /** Why it does nothing in this version; whoever sets it is told. */
  readonly withoutEffect?: string;
}

export const described = <Schema extends z.ZodType>(schema: Schema, meta: KeyMeta): Schema => schema.meta({ ...meta });
