/**
 * The bridge between verification and enforcement: see README.md.
 */
import { normalize, REFUSED, termLts } from '@enhanced-csp/engine/lts';
import {
  type Agent,
  type Attempt,
  type Monitor,
  monitorOf,
  type Played,
  plannedFaults,
  playSession,
  rogue,
  rolesOf,
  Seeded,
  silent,
  wanderer,
} from '@enhanced-csp/engine/runtime';
import { describe, expect, test } from 'vitest';
import { PROTOCOLS, type Protocol } from './protocols.ts';
import { afterTrace, isTrace } from './reference.ts';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

const FAULTS = ['none', 'crash', 'delay', 'rogue', 'silent', 'everything'] as const;
type FaultKind = (typeof FAULTS)[number];

interface Subject extends Protocol {
  readonly monitor: Monitor;
  /** All events of the protocol, and some that are none. */
  readonly words: readonly string[];
}

function subject(protocol: Protocol): Subject {
  const monitor = monitorOf(normalize(termLts(protocol.terms, protocol.process)));
  const words = protocol.terms.alphabet
    .visible()
    .filter((event) => monitor.knows(event))
    .map((event) => protocol.terms.alphabet.nameOf(event));
  return { ...protocol, monitor, words };
}

/** One run, with everything drawn from the seed. */
function play(on: Subject, seed: number, kind: FaultKind, monitor = on.monitor): Played {
  const random = new Seeded(seed * 31 + FAULTS.indexOf(kind));
  const agents: Record<string, Agent> = { environment: wanderer(random, { patienceMs: 60 }) };
  for (const role of on.roles) agents[role] = wanderer(random);
  const everything = kind === 'everything';
  if (kind === 'rogue' || everything)
    agents[random.pick(on.roles)] = rogue(random, [...on.words, 'nonsense', 'crash.nobody']);
  if (kind === 'silent' || (everything && random.chance(0.3))) agents[random.pick(on.roles)] = silent;
  const faults = plannedFaults({
    random,
    crash: kind === 'crash' || everything ? 0.03 : 0,
    delay: kind === 'delay' || everything ? 0.3 : 0,
  });
  return playSession({ monitor, roles: rolesOf(monitor.alphabet, on.roles), agents, seed, faults, stepsMax: 20_000 });
}

/** What the log claims and the reference denies. */
function contradictions(on: Subject, attempts: readonly Attempt[]): string[] {
  const found: string[] = [];
  let after = afterTrace(on.terms, on.process, []);
  const crashed = new Set<string>();
  for (const attempt of attempts) {
    const { role, event } = attempt;
    const next = after.next(event);
    const [, first] = event.split('.');
    const performer = on.roles.includes(first ?? '') ? first : 'environment';
    if (attempt.kind === 'accepted') {
      if (!next.isTrace) found.push(`accepted ${event}, which is not possible`);
      if (performer !== role) found.push(`accepted ${event} from ${role}`);
      if (crashed.has(role)) found.push(`accepted ${event} from ${role}, which has crashed`);
      if (event === `crash.${role}`) crashed.add(role);
      after = next;
    } else if (attempt.reason === 'not yours') {
      if (performer === role) found.push(`refused ${event} to its own performer`);
    } else if (attempt.reason === 'crashed') {
      if (!crashed.has(role)) found.push(`refused ${event} because ${role} has crashed, but it has not`);
    } else if (next.isTrace) found.push(`refused ${event} (${attempt.reason}), which is possible`);
    if (attempt.kind === 'refused' && attempt.reason !== 'crashed') {
      const mine = [...after.initials()].filter(
        (name) => (on.roles.includes(name.split('.')[1] ?? '') ? name.split('.')[1] : 'environment') === role,
      );
      if (mine.sort().join() !== [...attempt.expected].sort().join())
        found.push(`said ${role} may ${attempt.expected}, but it may ${mine}`);
    }
  }
  return found;
}

/** Whether the monitor lets a whole log through. */
function lets(monitor: Monitor, log: readonly string[]): boolean {
  let node = monitor.initial;
  for (const name of log) {
    node = monitor.stepByName(node, name);
    if (node === REFUSED) return false;
  }
  return true;
}

function mutate(log: readonly string[], words: readonly string[], random: Seeded): string[] {
  const mutated = [...log];
  const at = random.below(Math.max(1, log.length));
  switch (random.below(4)) {
    case 0:
      mutated.splice(at, 1);
      break;
    case 1:
      if (log.length > 1)
        mutated.splice(
          Math.min(at, log.length - 2),
          2,
          log[Math.min(at + 1, log.length - 1)]!,
          log[Math.min(at, log.length - 2)]!,
        );
      break;
    case 2:
      mutated.splice(at, 0, random.pick(words));
      break;
    default:
      mutated.splice(at, 1, random.pick(words));
  }
  return mutated;
}

for (const build of PROTOCOLS) {
  const on = subject(build());
  describe(on.name, () => {
    test.each(FAULTS)('200 seeds, faults: %s', (kind) => {
      let events = 0;
      let refused = 0;
      for (const seed of SEEDS) {
        const { session, attempts, outcome } = play(on, seed, kind);
        expect(contradictions(on, attempts), `seed ${seed}`).toEqual([]);
        expect(isTrace(on.terms, on.process, session.trace), `seed ${seed}`).toBe(true);
        expect(attempts.map((attempt) => attempt.sequence)).toEqual(attempts.map((_, i) => i + 1));
        expect(['terminated', 'deadlock'], `seed ${seed}: ${JSON.stringify(outcome)}`).toContain(outcome.kind);
        events += session.trace.length;
        refused += attempts.length - session.trace.length;
      }
      // With one of two roles silent nothing can be delivered, and that is right.
      if (kind !== 'silent') expect(events).toBeGreaterThan(SEEDS.length);
      if (kind === 'rogue' || kind === 'everything') expect(refused).toBeGreaterThan(SEEDS.length);
    });

    test('mutated logs are rejected exactly when they are no traces', () => {
      let rejected = 0;
      let mutants = 0;
      for (const seed of SEEDS) {
        const random = new Seeded(seed);
        const { trace } = play(on, seed, 'none').session;
        for (let i = 0; i < 10; i++) {
          const mutant = mutate(trace, [...on.words, 'nonsense'], random);
          const real = isTrace(on.terms, on.process, mutant);
          expect(lets(on.monitor, mutant), mutant.join(' ')).toBe(real);
          mutants++;
          if (!real) rejected++;
        }
      }
      expect(rejected).toBeGreaterThan(mutants / 4);
      expect(rejected).toBeLessThan(mutants);
    });

    test('the same seed is the same conversation', () => {
      for (const seed of SEEDS.slice(0, 20))
        expect(play(on, seed, 'everything').attempts).toEqual(play(on, seed, 'everything').attempts);
      const different = new Set(SEEDS.slice(0, 20).map((seed) => play(on, seed, 'none').session.trace.join(' ')));
      expect(different.size).toBeGreaterThan(5);
    });

    test('a monitor that lets one event too many through is caught', () => {
      const broken = wrap(on.monitor, (step) => (node, event) => {
        const next = step(node, event);
        return next === REFUSED && on.monitor.knows(event) ? node : next;
      });
      const caught = SEEDS.slice(0, 50).filter(
        (seed) => contradictions(on, play(on, seed, 'rogue', broken).attempts).length > 0,
      );
      expect(caught.length).toBeGreaterThan(10);
    });

    test('a monitor that lets one event too few through is caught', () => {
      const first = on.monitor.expected(on.monitor.initial)[0]!;
      const broken = wrap(
        on.monitor,
        (step) => (node, event) => (event === first && node === on.monitor.initial ? REFUSED : step(node, event)),
      );
      const caught = SEEDS.filter((seed) => contradictions(on, play(on, seed, 'rogue', broken).attempts).length > 0);
      expect(caught.length).toBeGreaterThan(0);
    });
  });
}

/** A monitor with another `step`, and everything else as it was. */
function wrap(monitor: Monitor, change: (step: Monitor['step']) => Monitor['step']): Monitor {
  const step = change((node, event) => monitor.step(node, event));
  return {
    alphabet: monitor.alphabet,
    initial: monitor.initial,
    bytes: monitor.bytes,
    step,
    stepByName: (node, name) => {
      const event = monitor.alphabet.find(name);
      return event === undefined ? REFUSED : step(node, event);
    },
    knows: (event) => monitor.knows(event),
    expected: (node) => monitor.expected(node),
    acceptances: (node) => monitor.acceptances(node),
    terminated: (node) => monitor.terminated(node),
    refusal: (node, event) => monitor.refusal(node, event),
  };
}
