/** A reported counterexample in sentences, for whoever shows reports to people. */
import { labelOf } from './chart.ts';
import { inEventOrder } from './csp/index.ts';
import type { ReportedAssertion, ReportedCounterexample } from './report.ts';

/** Names listed before the rest is counted. */
const NAMES_MAX = 8;

/**
 * What is wrong, in one sentence.
 *
 * @example
 * sentenceOf(assertion); // 'After ⟨coin⟩ nothing more can happen: deadlock.'
 */
export function sentenceOf({ negated, counterexample }: ReportedAssertion): string {
  const found = counterexample!;
  return `${negated ? 'As expected: after' : 'After'} ⟨${found.trace.join(', ')}⟩${onTheWay(found)} ${consequence(found)}`;
}

const set = (names: readonly string[]): string => `{${[...names].sort(inEventOrder).join(', ')}}`;

/** What was seen to be refused before the events of the trace. */
function onTheWay({ trace, refused = [] }: ReportedCounterexample): string {
  const seen = refused.flatMap((names, i) => {
    if (names === null) return [];
    const when = trace.indexOf(trace[i]!) === trace.lastIndexOf(trace[i]!) ? trace[i]! : `${trace[i]} (event ${i + 1})`;
    return [`${names.length === 0 ? 'settled' : `refused ${set(names)}`} before ${when}`];
  });
  return seen.length === 0 ? '' : `, having ${inWords(seen)},`;
}

function consequence(found: ReportedCounterexample): string {
  switch (found.kind) {
    case 'trace':
      return `it can do ${found.event}, which the specification cannot.`;
    case 'refusal':
      return `it may settle on accepting only ${set(found.accepted ?? [])}; the specification accepts at least one of ${(found.required ?? []).map(set).join(', ')}.`;
    case 'revival':
      return `it may settle on accepting only ${set(found.accepted ?? [])} and then do ${found.event}; ${
        found.required?.length
          ? `the specification, where it settles on accepting ${found.event}, accepts all of ${found.required.map(set).join(' or of ')}.`
          : `the specification does ${found.event} only before it has settled.`
      }`;
    case 'deadlock':
      return 'nothing more can happen: deadlock.';
    case 'divergence':
      return 'it can go on for ever with steps that nobody sees: divergence.';
    case 'nondeterminism':
      return `it may accept ${found.event}, and it may refuse it.`;
    case 'missing trace':
      return `it cannot do ${found.event}.`;
    default:
      return found.kind satisfies never;
  }
}

/** What it comes from, a sentence a line; empty when the report does not explain it, or there is nothing to add. */
export function becauseOf(found: ReportedCounterexample): readonly string[] {
  const names = found.components?.map(({ name }) => name) ?? [];
  const those = (indices: readonly number[]): string => inWords(indices.map((i) => names[i]!));
  switch (found.kind) {
    case 'trace':
      return [
        ...(found.allowed === undefined
          ? []
          : [
              found.allowed.length === 0
                ? 'There the specification can do nothing.'
                : `There the specification can do ${inWords(found.allowed, 'or')}.`,
            ]),
        ...fromBefore(found),
      ];
    case 'revival': {
      const accepted = new Set(found.accepted);
      const missing = new Set(found.required?.flat().filter((event) => !accepted.has(event)));
      return [
        `It refuses ${missing.size === 0 ? 'the rest' : inWords([...missing])}, and does ${found.event} all the same.`,
        `The specification would have to be able to offer ${found.event} and nothing outside ${set(found.accepted ?? [])}.`,
        ...fromBefore(found),
        ...waits(found, (event) => missing.has(event)),
      ];
    }
    case 'deadlock':
      return [...ring(found, names), ...waits(found)];
    case 'refusal':
    case 'missing trace': {
      const missing = new Set(found.event === undefined ? found.required?.flat() : [found.event]);
      return [...fromBefore(found), ...waits(found, (event) => missing.has(event))];
    }
    case 'divergence': {
      const loop = found.loop ?? [];
      const who = [...new Set(loop.flatMap((step) => step.participants ?? []))].sort((a, b) => a - b);
      const hidden = [...new Set(loop.flatMap((step) => step.hidden ?? []))];
      const subject = who.length === 0 ? 'It' : those(who);
      const goes = who.length > 1 ? 'go' : 'goes';
      return [
        `${subject} ${goes} round${hidden.length === 0 ? ' by internal steps' : `, unseen: ${inWords(hidden, 'then')}`}.`,
        ...fromBefore(found),
      ];
    }
    case 'nondeterminism':
      return [
        ...(found.accepting ? [`It accepts by ⟨${found.accepting.map(labelOf).join(', ')}⟩.`] : []),
        ...(found.refusing ? [`It refuses after ⟨${found.refusing.map(labelOf).join(', ')}⟩.`] : []),
        ...waits(found, (event) => event === found.event),
      ];
    default:
      return found.kind satisfies never;
  }
}

/** In R: each refusal that the report tells is needed, so without it there would be nothing wrong. */
function fromBefore({ refused = [] }: ReportedCounterexample): string[] {
  return refused.some((names) => names !== null)
    ? ['The specification could go on like this, but not after what was refused on the way.']
    : [];
}

function ring({ ring = [] }: ReportedCounterexample, names: readonly string[]): string[] {
  const [first] = ring;
  return first === undefined
    ? []
    : [`Each waits for the next: ${[...ring, first].map((index) => names[index]).join(' → ')}.`];
}

/** What each component that can do nothing waits for. */
function waits(found: ReportedCounterexample, isAbout = (_event: string): boolean => true): string[] {
  const { components = [], blocked = [] } = found;
  if (components.length < 2) return [];
  const about = blocked.filter(({ event }) => isAbout(event));
  return components.flatMap(({ name, offers, terminated, within }, index) => {
    const where = within === undefined || within === name ? name : `${name}, now ${within},`;
    if (terminated) return [];
    if (offers.length === 0) return [`${where} has stopped: it can do nothing.`];
    const mine = about.filter(({ offeredBy }) => offeredBy.includes(index));
    if (mine.length === 0) return [];
    const byPartners = Map.groupBy(mine, ({ refusedBy }) => refusedBy.join(' '));
    return [...byPartners.values()].map((group) => {
      const partners = group[0]!.refusedBy.map((i) => components[i]!.name);
      const refusal =
        partners.length === 0
          ? 'which nobody else ever does'
          : `which ${inWords(partners)} ${partners.length > 1 ? 'refuse' : 'refuses'}`;
      return `${where} offers ${inWords(
        group.map(({ event }) => event),
        'or',
      )}, ${refusal}.`;
    });
  });
}

function inWords(names: readonly string[], joint = 'and'): string {
  const shown =
    names.length > NAMES_MAX ? [...names.slice(0, NAMES_MAX - 1), `${names.length - NAMES_MAX + 1} more`] : names;
  if (joint === 'then') return shown.join(', ');
  const last = shown.at(-1)!;
  return shown.length === 1 ? last : `${shown.slice(0, -1).join(', ')} ${names === shown ? joint : 'and'} ${last}`;
}
