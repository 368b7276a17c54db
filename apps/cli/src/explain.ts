/** A counterexample in words and as a sequence chart, for a terminal. */
import {
  becauseOf,
  chartOfReport,
  drawChart,
  labelOf,
  type Report,
  type ReportedAssertion,
  type ReportedComponent,
  type ReportedCounterexample,
  sentenceOf,
  withoutIdle,
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
  return [
    sentenceOf(reported),
    ...becauseOf(found).map((line) => `  ${line}`),
    ...section(TITLES[found.kind] ?? 'What happens', charted(found)),
    ...section('And how it accepts', found.accepting === undefined ? [] : charted(found, found.accepting)),
    ...section('What each of them sees', (found.components ?? []).flatMap(viewOf)),
  ].join('\n');
}

const TITLES: Partial<Record<ReportedCounterexample['kind'], string>> = {
  divergence: 'What happens, and then for ever',
  nondeterminism: 'How it comes to refuse',
};

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

/** More lanes than these are drawn only if they take part. */
const IDLE_LANES_MAX = 12;

function charted(found: ReportedCounterexample, steps = found.refusing ?? found.steps): string[] {
  const whole = chartOfReport(found, steps);
  if (whole === undefined || whole.lanes.length < 2) {
    const all = [...steps, ...(found.loop ?? [])];
    const hides = all.some((step) => step.hidden !== undefined);
    return hides ? ['', `  steps: ⟨${all.map(labelOf).join(', ')}⟩`] : [];
  }
  const chart = whole.lanes.length > IDLE_LANES_MAX ? withoutIdle(whole) : whole;
  if (chart.rows.length === 0) return [];
  const omitted = Math.max(0, chart.rows.length - ROWS_MAX);
  const idle = whole.lanes.length - chart.lanes.length;
  return [
    '',
    indented(drawChart({ lanes: chart.lanes, rows: chart.rows.slice(omitted) })),
    ...(omitted === 0 ? [] : [`  (the first ${omitted} steps are left out; --json has them)`]),
    ...(idle === 0 ? [] : [`  (${idle} components that take no part are left out)`]),
  ];
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');
