/** What a program of this collection is. */
import type { Network, System } from '@enhanced-csp/engine/runtime';

export interface Program {
  readonly name: string;
  readonly system: System<unknown>;
  /** Every way to end, as `kind observed`, the observed as JSON. */
  readonly ends: readonly string[];
  /** CSPM text that defines `SYSTEM`. */
  readonly model?: string;
  /** Ready guards take turns, instead of any of them firing. */
  readonly fair?: boolean;
}

/** Spawns each of `bodies` under its key. A body that is no generator does what it does in one step. */
export function spawn(network: Network, bodies: Readonly<Record<string, () => unknown>>): void {
  for (const [name, body] of Object.entries(bodies)) network.start(network.create<unknown>(name, body));
}

/** Number channels by name. */
export function channels<const Names extends readonly string[]>(network: Network, ...names: Names) {
  return names.map((name) => network.channel<number>(name)) as {
    [K in keyof Names]: ReturnType<typeof network.channel<number>>;
  };
}
