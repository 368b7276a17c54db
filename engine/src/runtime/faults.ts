/**
 * Faults for simulation, drawn from a seed: agents that crash, hesitate, say anything, or never answer.
 */

import type { Agent } from './converse.ts';
import { TimeoutError } from './errors.ts';
import { crashEvent } from './roles.ts';
import { OverError, RefusedError } from './seat.ts';
import type { Seeded } from './seeded.ts';

export type InjectedFault = { readonly kind: 'crash' } | { readonly kind: 'delay'; readonly milliseconds: number };

/** Asked before each step of each agent; steps of an agent count from 1. */
export interface Faults {
  before(role: string, step: number): InjectedFault | undefined;
}

export interface FaultPlan {
  readonly random: Seeded;
  /** Probability that an agent crashes before a given step. */
  readonly crash?: number;
  /** Probability that it hesitates there, for up to `delayMaxMs` of virtual time. */
  readonly delay?: number;
  readonly delayMaxMs?: number;
}

export function plannedFaults({ random, crash = 0, delay = 0, delayMaxMs = 100 }: FaultPlan): Faults {
  return {
    before() {
      if (random.chance(crash)) return { kind: 'crash' };
      return random.chance(delay) ? { kind: 'delay', milliseconds: 1 + random.below(delayMaxMs) } : undefined;
    },
  };
}

/** An agent that keeps to the protocol and decides by chance: it performs something it may, or listens. */
export function wanderer(
  random: Seeded,
  options: { readonly stepsMax?: number; readonly patienceMs?: number } = {},
): Agent {
  const { stepsMax = 60, patienceMs = 20 } = options;
  return function* (seat) {
    for (let step = 0; step < stepsMax; step++) {
      const mine = seat.may().filter((event) => event !== crashEvent(seat.role));
      const milliseconds = 1 + random.below(patienceMs);
      try {
        if (mine.length > 0 && random.chance(0.6)) yield* seat.perform(random.pick(mine), { timeout: milliseconds });
        else yield* seat.await({ timeout: milliseconds });
      } catch (error) {
        // The conversation may move on between looking and speaking; that refusal is no fault of the agent.
        if (!(error instanceof TimeoutError || (error instanceof RefusedError && error.attempt.reason === 'not now')))
          throw error;
      }
    }
  };
}

/** An agent that says anything, whoever's turn it is, in anybody's name, and listens now and then. */
export function rogue(random: Seeded, events: readonly string[], options: { readonly stepsMax?: number } = {}): Agent {
  const { stepsMax = 60 } = options;
  return function* (seat) {
    for (let step = 0; step < stepsMax; step++) {
      try {
        if (random.chance(0.7)) yield* seat.perform(random.pick(events), { timeout: 1 + random.below(5) });
        else yield* seat.await({ timeout: 1 + random.below(5) });
      } catch (error) {
        if (error instanceof OverError || !(error instanceof TimeoutError || error instanceof RefusedError))
          throw error;
        yield* seat.sleep(1);
      }
    }
  };
}

/** An agent that takes its seat and never answers: what is sent to it waits. */
export const silent: Agent = function* (seat) {
  yield* seat.nothing();
};
