/** One judged assertion for people: why it fails in sentences, who took part as a chart, and what each component saw. */
import { chartOfReport, drawChart, type ReportedComponent, withoutIdle } from '@enhanced-csp/engine';
import { type Html, html } from '@enhanced-csp/platform';
import type { JudgedAssertion } from '../verification/examine.ts';

export function counterexample(assertion: JudgedAssertion): Html | undefined {
  const { counterexample: found, explanation = [], reason, notes = [] } = assertion;
  const quiet = notes.map((note) => html`<br><span class="quiet">${note}</span>`);
  if (found === undefined)
    return html`${reason !== undefined && html`<br><span class="quiet">${reason}</span>`}${quiet}`;
  const chart = chartOfReport(found);
  const drawn =
    chart !== undefined && chart.lanes.length > 1 && chart.rows.length > 0 ? drawChart(withoutIdle(chart)) : undefined;
  const [sentence, ...because] = explanation;
  return html`<br><span class="bad">${found.kind}</span> ${sentence ?? html`after <span class="mono">⟨${found.trace.join(', ')}⟩</span>`}
${because.map((line) => html`<br>${line}`)}${quiet}
${drawn !== undefined && html`<pre>${drawn}</pre>${legendOf(drawn)}`}
${found.components !== undefined && componentsOf(found.components)}`;
}

function componentsOf(components: readonly ReportedComponent[]): Html {
  const rows = components.map(
    ({ name, trace, state, offers, terminated, within, place }) =>
      html`<tr><td><code>${name}</code></td><td class="mono">⟨${trace.join(', ')}⟩</td><td><code>${terminated ? 'terminated' : state}</code></td><td class="mono">${terminated ? '' : offers.join(', ') || 'nothing'}</td><td>${place !== undefined && html`${within ?? name}, line ${place.line}`}</td></tr>`,
  );
  return html`<details><summary>What each of them sees</summary><table><tr><th>Component</th><th>Did</th><th>Is</th><th>Could do</th><th>In</th></tr>${rows}</table>${legendOf(components.flatMap(({ trace }) => trace).join(' '))}</details>`;
}

/** What the signs in a text stand for. */
function legendOf(text: string): Html | undefined {
  return text.includes('τ') ? html`<span class="quiet">τ: a step that nobody outside sees.</span>` : undefined;
}
