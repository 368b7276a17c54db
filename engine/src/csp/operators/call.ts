/**
 * A call of a named process: transparent, its steps are its body's.
 *
 *   body -a-> P'
 *   -------------  (N = body)
 *     N -a-> P'
 *
 * When a call is needed to know its own first step (`P = P [] Q`), the rules above have no least solution that the models accept:
 * there the call fires a tau to itself, which makes the recursion diverge, as its least fixed point does. See `transitions.ts`.
 */
import { ALL_MODELS, type Instance } from '../law.ts';
import type { Call, Process } from '../process.ts';
import { type Operator, Precedence } from './operator.ts';

/** N = a -> N */
function clock({ terms, a }: Instance): Process {
  const N: Process = terms.call(`law N = ${a} -> N`, () => terms.prefix(a, N), { name: 'N' });
  return N;
}

/** N = N |~| P */
function choosing({ terms, P }: Instance): Process {
  const N: Process = terms.call(`law N = N |~| ${P.id}`, () => terms.internalChoice([N, P]), { name: 'N' });
  return N;
}

export const call: Operator<Call> = {
  kind: 'call',
  notation: 'N',
  precedence: Precedence.atom,
  rules: ["N = P, P -a-> P' => N -a-> P'"],
  running: (process) => [process.unfold()],
  fire: (process, step) => step(process.unfold()),
  show: ({ name }) => name ?? '…',
  laws: [
    {
      name: 'recursion-unfolding',
      equation: '(let N = a -> N within N) = a -> (let N = a -> N within N)',
      models: ALL_MODELS,
      left: clock,
      right: (i) => i.terms.prefix(i.a, clock(i)),
    },
    {
      name: 'recursion-RUN',
      equation: '(let N = a -> N within N) = RUN({a})',
      models: ALL_MODELS,
      left: clock,
      right: ({ terms, a }) => terms.run([a]),
    },
    {
      name: 'recursion-unguarded',
      equation: '(let N = N within N) = DIV',
      models: ALL_MODELS,
      left: ({ terms }) => {
        const N: Process = terms.call('law N = N', () => N, { name: 'N' });
        return N;
      },
      right: ({ terms }) => terms.div,
    },
    {
      name: 'recursion-unguarded-choice',
      equation: '(let N = N |~| P within N) = P',
      models: ['T', 'F'],
      failsIn: ['FD'],
      left: choosing,
      right: ({ P }) => P,
    },
    {
      name: 'recursion-unguarded-diverges',
      equation: '(let N = N |~| P within N) = DIV',
      models: ['FD'],
      failsIn: ['T', 'F'],
      left: choosing,
      right: ({ terms }) => terms.div,
    },
  ],
};
