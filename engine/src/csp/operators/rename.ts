/**
 * Renaming `P[[R]]` by a relation R on events.
 *
 *     P -a-> P'                       P -tau-> P'
 *   ------------------  (a R b)    ----------------------
 *   P[[R]] -b-> P'[[R]]            P[[R]] -tau-> P'[[R]]
 *
 * An event that R does not mention keeps its name. One event with several images offers them all; several with one image become indistinguishable,
 * which may introduce nondeterminism. Tick is never renamed.
 */
import { eventSet, TAU, TICK } from '../events.ts';
import { ALL_MODELS } from '../law.ts';
import type { Rename } from '../process.ts';
import { unaryDistributivity, type Wrap } from './law-families.ts';
import { type Operator, Precedence } from './operator.ts';

const merged: Wrap = ({ terms, a, b }, process) => terms.rename(process, [[a, b]]);
const doubled: Wrap = ({ terms, a, b }, process) =>
  terms.rename(process, [
    [a, a],
    [a, b],
  ]);
const swapped: Wrap = ({ terms, a, b }, process) =>
  terms.rename(process, [
    [a, b],
    [b, a],
  ]);

export const rename: Operator<Rename> = {
  kind: 'rename',
  notation: 'P[[a <- b]]',
  precedence: Precedence.rename,
  rules: [
    "P -a-> P', a R b => P[[R]] -b-> P'[[R]]",
    "P -tau-> P' => P[[R]] -tau-> P'[[R]]",
    'P -tick-> => P[[R]] -tick-> Ω',
  ],
  running: ({ process }) => [process],
  *fire({ process, relation }, step, terms) {
    for (const { event, target } of step(process)) {
      if (event === TICK) {
        yield { event, target };
        continue;
      }
      const renamed = terms.rename(target, relation);
      const images = event === TAU ? [] : relation.filter(([from]) => from === event);
      if (images.length === 0) yield { event, target: renamed };
      for (const [, to] of images) yield { event: to, target: renamed };
    }
  },
  show({ process, relation }, printer) {
    const pairs = relation.map(([from, to]) => `${printer.event(from)} <- ${printer.event(to)}`);
    return `${printer.process(process, Precedence.rename)}[[${pairs.join(', ')}]]`;
  },
  laws: [
    unaryDistributivity('[[]]', (argument) => `${argument}[[a <- b]]`, merged),
    {
      name: '[[]]-identity',
      equation: 'P[[a <- a]] = P',
      models: ALL_MODELS,
      left: ({ terms, P, a }) => terms.rename(P, [[a, a]]),
      right: ({ P }) => P,
    },
    {
      name: '[[]]-step',
      equation: '(a -> P)[[a <- b]] = b -> P[[a <- b]]',
      models: ALL_MODELS,
      left: (i) => merged(i, i.terms.prefix(i.a, i.P)),
      right: (i) => i.terms.prefix(i.b, merged(i, i.P)),
    },
    {
      name: '[[]]-step-many',
      equation: '(a -> P)[[a <- a, a <- b]] = a -> P[[..]] [] b -> P[[..]]',
      models: ALL_MODELS,
      left: (i) => doubled(i, i.terms.prefix(i.a, i.P)),
      right: (i) =>
        i.terms.externalChoice([i.terms.prefix(i.a, doubled(i, i.P)), i.terms.prefix(i.b, doubled(i, i.P))]),
    },
    {
      name: '[[]]-[]-distributivity',
      equation: '(P [] Q)[[a <- b]] = P[[a <- b]] [] Q[[a <- b]]',
      models: ALL_MODELS,
      left: (i) => merged(i, i.terms.externalChoice([i.P, i.Q])),
      right: (i) => i.terms.externalChoice([merged(i, i.P), merged(i, i.Q)]),
    },
    {
      name: '[[]]-;-distributivity',
      equation: '(P ; Q)[[a <- b]] = P[[a <- b]] ; Q[[a <- b]]',
      models: ALL_MODELS,
      left: (i) => merged(i, i.terms.sequential(i.P, i.Q)),
      right: (i) => i.terms.sequential(merged(i, i.P), merged(i, i.Q)),
    },
    {
      name: '[[]]-[|A|]-distributivity',
      equation: '(P [|{a}|] Q)[[a <- b, b <- a]] = P[[a <- b, b <- a]] [|{b}|] Q[[a <- b, b <- a]]',
      models: ALL_MODELS,
      left: (i) => swapped(i, i.terms.generalizedParallel([i.P, i.Q], [i.a])),
      right: (i) => i.terms.generalizedParallel([swapped(i, i.P), swapped(i, i.Q)], [i.b]),
    },
    {
      name: '[[]]-[|A|]-merging',
      equation: '(P [|{a, b}|] Q)[[a <- b]] = P[[a <- b]] [|{b}|] Q[[a <- b]]',
      models: [],
      failsIn: ['T', 'F', 'FD'],
      left: (i) => merged(i, i.terms.generalizedParallel([i.P, i.Q], eventSet([i.a, i.b]))),
      right: (i) => i.terms.generalizedParallel([merged(i, i.P), merged(i, i.Q)], [i.b]),
    },
    {
      name: '[[]]-swap-twice',
      equation: 'P[[a <- b, b <- a]][[a <- b, b <- a]] = P',
      models: ALL_MODELS,
      left: (i) => swapped(i, swapped(i, i.P)),
      right: ({ P }) => P,
    },
    {
      name: '[[]]-composition',
      equation: 'P[[a <- b]][[b <- a]] = P[[b <- a]]',
      models: ALL_MODELS,
      left: (i) => i.terms.rename(merged(i, i.P), [[i.b, i.a]]),
      right: ({ terms, P, a, b }) => terms.rename(P, [[b, a]]),
    },
    {
      name: '[[]]-hide',
      equation: 'P[[a <- b]] \\ {b} = P \\ {a, b}',
      models: ALL_MODELS,
      left: (i) => i.terms.hide(merged(i, i.P), [i.b]),
      right: ({ terms, P, a, b }) => terms.hide(P, eventSet([a, b])),
    },
  ],
};
