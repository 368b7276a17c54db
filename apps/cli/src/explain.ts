/** A counterexample in words and as a sequence chart, for a terminal. */
import {
  chartOf,
  drawChart,
  type LoadOptions,
  load,
  type Report,
  type ReportedAssertion,
  type ReportedCounterexample,
} from '@enhanced-csp/engine';
import type { EventId, Process } from '@enhanced-csp/engine/csp';
import type { Assertion, Evaluation } from '@enhanced-csp/engine/cspm';

const ROWS_MAX = 60;

/** One text for each assertion of `report` that has a counterexample. */
export function explain(source: string, report: Report, options: LoadOptions): string[] {
  if (!report.assertions.some((assertion) => assertion.counterexample)) return [];
  const { evaluation } = load(source, options);
  if (evaluation === undefined) return [];
  return report.assertions.flatMap((reported, index) => {
    const assertion = evaluation.assertions[index];
    if (reported.counterexample === undefined || assertion === undefined) return [];
    const title = `line ${reported.line}: ${reported.text}`;
    const chart = indented(chartOfSteps(evaluation, assertion, reported.counterexample));
    return [[title, `  ${sentence(reported)}`, ...(chart === '' ? [] : ['', chart])].join('\n')];
  });
}

function sentence({ negated, counterexample }: ReportedAssertion): string {
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

function chartOfSteps(evaluation: Evaluation, assertion: Assertion, found: ReportedCounterexample): string {
  const { alphabet } = evaluation.terms;
  const id = (name: string): EventId => (name === 'τ' ? 0 : name === '✓' ? 1 : alphabet.intern(name)) as EventId;
  const chart = chartOf(
    evaluation.terms,
    subject(assertion),
    found.steps.map((step) => id(step.event)),
  );
  if (chart.lanes.length < 2) return '';
  const omitted = Math.max(0, chart.rows.length - ROWS_MAX);
  const text = drawChart({ lanes: chart.lanes, rows: chart.rows.slice(omitted) });
  return omitted === 0 ? text : `${text}\n(the first ${omitted} steps are left out; --json has them)`;
}

/** The process whose behavior the counterexample is. */
function subject(assertion: Assertion): Process {
  return assertion.form === 'refinement' ? assertion.implementation() : assertion.process();
}

const indented = (text: string): string => (text === '' ? '' : text.replace(/^(?=.)/gm, '  '));
