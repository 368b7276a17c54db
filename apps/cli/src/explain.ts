/** A counterexample in words and as a sequence chart, for a terminal. */
import {
  becauseOf,
  type Chart,
  chartOfReport,
  drawChart,
  labelOf,
  type Report,
  type ReportedAssertion,
  type ReportedComponent,
  type ReportedCounterexample,
  sentenceOf,
} from '@enhanced-csp/engine';

const ROWS_MAX = 60;

/** Sentences about the cause that `csp check` prints; `csp explain` prints all. */
const REASONS_MAX = 6;

/** One text for each assertion of `report` that has a counterexample. */
export function explain(report: Report): string[] {
  return report.assertions.flatMap((reported) => {
    const found = reported.counterexample;
    if (found === undefined) return [];
    const reasons = becauseOf(found);
    const shown = reasons.slice(0, REASONS_MAX);
    const more = reasons.length > shown.length ? [`… and ${reasons.length - shown.length} more: csp explain`] : [];
    return [
      [
        `line ${reported.line}: ${reported.text}`,
        ...[sentenceOf(reported), ...shown, ...more].map((line) => `  ${line}`),
        ...charted(found),
      ].join('\n'),
    ];
  });
}

/** The whole story of one assertion that has a counterexample. */
export function story(reported: ReportedAssertion, found: ReportedCounterexample): string {
  const other = found.otherSteps && chartOfReport(found, found.otherSteps);
  return [
    sentenceOf(reported),
    ...becauseOf(found).map((line) => `  ${line}`),
    ...section(found.kind === 'divergence' ? 'What happens, and then for ever' : 'What happens', charted(found)),
    ...section('And the other way', other === undefined ? [] : drawn(other)),
    ...section('What each of them sees', (found.components ?? []).flatMap(viewOf)),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines];
}

function viewOf({ name, trace, state, offers, terminated, within, place }: ReportedComponent): string[] {
  const where = place && `${place.file}:${place.line}`;
  const then = terminated
    ? 'has terminated'
    : offers.length === 0
      ? 'can do nothing'
      : `can do ${offers.slice(0, 8).join(', ')}${offers.length > 8 ? ', …' : ''}`;
  return [
    '',
    `  ${name}`,
    `    did    ⟨${trace.join(', ')}⟩`,
    ...(terminated ? [] : [`    is     ${state}`]),
    `    then   ${then}`,
    ...(where ? [`    in     ${within ?? name}  ${where}`] : []),
  ];
}

function charted(found: ReportedCounterexample): string[] {
  const chart = chartOfReport(found);
  if (chart === undefined || chart.lanes.length < 2) {
    const steps = [...found.steps, ...(found.loop ?? [])];
    const hides = steps.some((step) => step.hidden !== undefined);
    return hides ? ['', `  steps: ⟨${steps.map(labelOf).join(', ')}⟩`] : [];
  }
  return drawn(chart);
}

function drawn(chart: Chart): string[] {
  if (chart.rows.length === 0) return [];
  const omitted = Math.max(0, chart.rows.length - ROWS_MAX);
  const text = indented(drawChart({ lanes: chart.lanes, rows: chart.rows.slice(omitted) }));
  return ['', text, ...(omitted === 0 ? [] : [`  (the first ${omitted} steps are left out; --json has them)`])];
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');
