/** Pages of protocols: the list, and one protocol with its verdicts and counterexamples. */
import { type Html, html, type Page } from '@enhanced-csp/platform';
import type { ProtocolBody, ProtocolStatus, Protocols } from '../protocols/protocols.ts';
import type { JudgedAssertion } from '../verification/examine.ts';
import { moment } from './conversation-pages.ts';

const LISTED = 200;

export function protocolPages(protocols: Protocols): Page[] {
  return [
    {
      path: '/protocols',
      navigation: 'Protocols',
      operation: 'protocols.list',
      async render() {
        const { records } = await protocols.list({ limit: LISTED, offset: 0 });
        const rows = records.map(
          ({
            body,
          }) => html`<tr><td><a href="/protocols/${body.protocol_id}">${body.name}</a></td><td>${statusOf(body.status)}</td>
<td>${body.system === undefined ? '' : html`<code>${body.system}</code>`}</td><td>${body.roles.join(', ')}</td><td>${moment(body.created_at)}</td></tr>`,
        );
        const none = html`<p>None yet. Define one with <code>POST /api/protocols</code>.</p>`;
        const table = html`<table><tr><th>Protocol</th><th>Status</th><th>Process</th><th>Roles</th><th>Defined</th></tr>${rows}</table>`;
        return { title: 'Protocols', body: records.length === 0 ? none : table };
      },
    },
    {
      path: '/protocols/{protocol_id}',
      operation: 'protocols.get',
      async render({ protocol_id = '' }) {
        const { body } = await protocols.get(protocol_id);
        return {
          title: body.name,
          body: html`
<dl>
<dt>Status</dt><dd>${statusOf(body.status)}</dd>
<dt>Process</dt><dd><code>${body.system ?? 'not named'}</code></dd>
<dt>Roles</dt><dd>${body.roles.join(', ') || 'none'}</dd>
</dl>
${diagnosticsOf(body)}
${await verdictsOf(body)}
<h2>Specification</h2>
<pre>${body.source}</pre>`,
        };
      },
    },
  ];
}

function diagnosticsOf({ diagnostics }: ProtocolBody): Html | undefined {
  if (diagnostics.length === 0) return undefined;
  const rows = diagnostics.map(
    ({ severity, code, line, column, message, fix }) =>
      html`<tr><td class="${severity === 'error' ? 'bad' : ''}">${severity}</td><td class="mono">${code}</td><td>${line}:${column}</td><td>${message}${fix !== undefined && html` <span class="quiet">Fix: <code>${fix}</code></span>`}</td></tr>`,
  );
  return html`<h2>Diagnostics</h2><table><tr><th>Severity</th><th>Code</th><th>Place</th><th>Message</th></tr>${rows}</table>`;
}

async function verdictsOf({ verification }: ProtocolBody): Promise<Html> {
  if (verification === undefined) return html`<p>Not verified yet: nothing of it may run.</p>`;
  // The checker's own words and charts: loaded when there is something to tell.
  const { counterexample } = await import('./counterexample.ts');
  const rows = verification.assertions.map(
    (one) =>
      html`<tr><td class="${lookOf(one.verdict)}">${one.verdict}</td><td><code>${one.text}</code>${one.obligation && html` <span class="quiet">required of every conversation</span>`}${counterexample(one)}</td><td>${one.states}</td><td>${Math.round(one.milliseconds)} ms</td></tr>`,
  );
  return html`<h2>Verdicts</h2>
${verification.reason !== undefined && html`<p>Undecided: ${verification.reason}</p>`}
<table><tr><th>Verdict</th><th>Assertion</th><th>States</th><th>Time</th></tr>${rows}</table>`;
}

function statusOf(status: ProtocolStatus): Html {
  return html`<span class="${status === 'verified' ? 'good' : status === 'defined' || status === 'unknown' ? '' : 'bad'}">${status}</span>`;
}

function lookOf(verdict: JudgedAssertion['verdict']): string {
  return verdict === 'holds' ? 'good' : verdict === 'unknown' ? '' : 'bad';
}
