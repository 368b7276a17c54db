/** A kind of process that a module brings: a configuration, and the specification it stands for. */
import type { z } from 'zod';

/** An atomic process: what it communicates on, and its behavior in step notation or as a process expression of CSPM. */
export interface Specification {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly behavior: string;
}

export interface ProcessKind<Config extends z.ZodType = z.ZodType> {
  readonly description: string;
  readonly config: Config;
  /** Pure: called once, when a process of the kind is created. What it answers is examined, verified and run as if it had been written by hand. */
  specify(config: z.output<Config>): Specification;
}

/** Keeps the type of the configuration; the declaration itself is plain data. */
export function defineProcessKind<Config extends z.ZodType>(kind: ProcessKind<Config>): ProcessKind {
  return kind as unknown as ProcessKind;
}
