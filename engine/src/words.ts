/** A reported counterexample in sentences, for whoever shows reports to people. */
import { labelOf } from './chart.ts';
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
  return `${negated ? 'As expected: after' : 'After'} ⟨${found.trace.join(', ')}⟩ ${consequence(found)}`;
}

function consequence(found: ReportedCounterexample): string {
  const set = (names: readonly string[]): string => `{${names.join(', ')}}`;
  switch (found.kind) {
    case 'trace':
      return `it can do ${found.event}, which the specification cannot.`;
    case 'refusal':
      return `it may settle on accepting only ${set(found.accepted ?? [])}; the specification accepts at least one of ${(found.required ?? []).map(set).join(', ')}.`;
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
      return found.allowed === undefined
        ? []
        : [
            found.allowed.length === 0
              ? 'There the specification can do nothing.'
              : `There the specification can do ${inWords(found.allowed, 'or')}.`,
          ];
    case 'deadlock':
      return [...ring(found, names), ...waits(found)];
    case 'refusal':
    case 'missing trace': {
      const missing = new Set(found.event === undefined ? found.required?.flat() : [found.event]);
      return waits(found, (event) => missing.has(event));
    }
    case 'divergence': {
      const loop = found.loop ?? [];
      const who = [...new Set(loop.flatMap((step) => step.participants ?? []))].sort((a, b) => a - b);
      const hidden = [...new Set(loop.flatMap((step) => step.hidden ?? []))];
      const subject = who.length === 0 ? 'It' : those(who);
      const goes = who.length > 1 ? 'go' : 'goes';
      return [
        `${subject} ${goes} round${hidden.length === 0 ? ' by internal steps' : `, unseen: ${inWords(hidden, 'then')}`}.`,
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
