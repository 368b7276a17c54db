/**
 * Alphabetized parallel `P [A || B] Q`: each component performs the events of its alphabet only, and every event needs all whose alphabet has it.
 *
 *   P -a-> P'   Q -a-> Q'                                P -a-> P'
 *   -------------------------------  (a in A and B)     -----------------------------  (a in A, not in B)
 *   P [A || B] Q -a-> P' [A || B] Q'                    P [A || B] Q -a-> P' [A || B] Q
 *
 * and the same for Q. An event outside the alphabet of its own component never happens.
 * Termination is distributed: see `distributed-termination.ts`.
 */
import { contains, type EventId, type EventSet, NO_EVENTS, without } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { AlphabetizedParallel, Process } from '../process.ts';
import { unionOf } from '../terms.ts';
import { together } from './agreement.ts';
import { withoutAgreement } from './distributed-termination.ts';
import { type Compose, distributivity } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const compose: Compose = ({ terms, A, B }, P, Q) =>
  terms.alphabetizedParallel([
    { process: P, alphabet: A },
    { process: Q, alphabet: B },
  ]);

export const alphabetizedParallel: Operator<AlphabetizedParallel> = {
  kind: 'alphabetizedParallel',
  notation: 'P [A || B] Q',
  precedence: Precedence.parallel,
  rules: [
    "P -a-> P', Q -a-> Q', a in A and in B => P [A || B] Q -a-> P' [A || B] Q'",
    "P -a-> P', a in A and not in B => P [A || B] Q -a-> P' [A || B] Q",
    'P -tick-> => P [A || B] Q -tau-> Ω [A || B] Q',
    'and the same for Q',
    'Ω [A || B] Ω -tick-> Ω',
  ],
  running: ({ components }) => components.map(({ process }) => process),
  *fire({ components }, step, terms) {
    const processes = components.map(({ process }) => process);
    const rebuild = (next: readonly Process[]) =>
      terms.alphabetizedParallel(components.map(({ alphabet }, i) => ({ process: next[i]!, alphabet })));
    yield* withoutAgreement(processes, step, terms, (i, target) => rebuild(processes.with(i, target)));

    const steps = processes.map(step);
    const offered = new Set<EventId>();
    for (const [i, transitions] of steps.entries()) {
      for (const { event } of transitions) if (contains(components[i]!.alphabet, event)) offered.add(event);
    }
    for (const event of offered) {
      const participants = [...components.keys()].filter((i) => contains(components[i]!.alphabet, event));
      for (const next of together(processes, steps, participants, event)) yield { event, target: rebuild(next) };
    }
  },
  // CSPM has the binary form only, and it does not associate: `(P [A || B] Q) [A u B || C] R`. One component alone has a neighbor that does nothing.
  show({ components }, printer) {
    const parts = components.map(({ process, alphabet }) => ({
      text: printer.process(process, Precedence.parallel + 1),
      alphabet,
    }));
    if (parts.length === 1) parts.push({ text: 'SKIP', alphabet: NO_EVENTS });
    const { text } = parts.reduce((left, right, i) => ({
      text: `${i > 1 ? `(${left.text})` : left.text} [${printer.events(left.alphabet)} || ${printer.events(right.alphabet)}] ${right.text}`,
      alphabet: unionOf([left.alphabet, right.alphabet]),
    }));
    return text;
  },
  laws: [
    ...distributivity('[A||B]', compose),
    {
      name: '[A||B]-symmetry',
      equation: 'P [A||B] Q = Q [B||A] P',
      models: ALL_MODELS,
      left: (i) => compose(i, i.P, i.Q),
      right: ({ terms, P, Q, A, B }) =>
        terms.alphabetizedParallel([
          { process: Q, alphabet: B },
          { process: P, alphabet: A },
        ]),
    },
    {
      name: '[A||B]-associativity',
      equation: '(P [A||B] Q) [A u B||C] R = P [A||B u C] (Q [B||C] R)',
      models: ALL_MODELS,
      left: (i) =>
        i.terms.alphabetizedParallel([
          { process: compose(i, i.P, i.Q), alphabet: unionOf([i.A, i.B]) },
          { process: i.R, alphabet: i.C },
        ]),
      right: ({ terms, P, Q, R, A, B, C }) =>
        terms.alphabetizedParallel([
          { process: P, alphabet: A },
          {
            process: terms.alphabetizedParallel([
              { process: Q, alphabet: B },
              { process: R, alphabet: C },
            ]),
            alphabet: unionOf([B, C]),
          },
        ]),
    },
    {
      name: '[A||B]-many',
      equation: 'P [A||B] Q [..||C] R = (P [A||B] Q) [A u B||C] R',
      models: ALL_MODELS,
      left: ({ terms, P, Q, R, A, B, C }) =>
        terms.alphabetizedParallel([
          { process: P, alphabet: A },
          { process: Q, alphabet: B },
          { process: R, alphabet: C },
        ]),
      right: (i) =>
        i.terms.alphabetizedParallel([
          { process: compose(i, i.P, i.Q), alphabet: unionOf([i.A, i.B]) },
          { process: i.R, alphabet: i.C },
        ]),
    },
    {
      name: '[A||B]-generalized',
      equation: 'P [A||B] Q = (P [|Σ - A|] SKIP) [|A n B|] (Q [|Σ - B|] SKIP)',
      models: ALL_MODELS,
      left: (i) => compose(i, i.P, i.Q),
      right: ({ terms, P, Q, A, B, sigma }) => {
        const within = (process: Process, alphabet: EventSet) =>
          terms.generalizedParallel([process, terms.skip], without(sigma, alphabet));
        return terms.generalizedParallel(
          [within(P, A), within(Q, B)],
          A.filter((event) => contains(B, event)),
        );
      },
    },
    {
      name: '[A||B]-everything',
      equation: 'P [Σ||Σ] Q = P [|Σ|] Q',
      models: ALL_MODELS,
      left: ({ terms, P, Q, sigma }) =>
        terms.alphabetizedParallel([
          { process: P, alphabet: sigma },
          { process: Q, alphabet: sigma },
        ]),
      right: ({ terms, P, Q, sigma }) => terms.generalizedParallel([P, Q], sigma),
    },
  ],
};
