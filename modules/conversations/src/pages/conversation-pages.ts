/** Pages of conversations: the list, and one conversation as a sequence chart. */
import type { Leaf } from '@enhanced-csp/engine/audit';
import { type Html, html, type Page } from '@enhanced-csp/platform';
import type { ConversationStatus } from '../conversations/conversation.ts';
import type { Conversations } from '../conversations/conversations.ts';
import { expectedInstead, sequenceChart } from './sequence-chart.ts';

const LISTED = 200;
/** Entries drawn, the latest; the log has all of them. */
const DRAWN = 400;
const REFRESH_SECONDS = 2;

const MODES = {
  observe: 'observe: what the protocol does not allow is delivered and told',
  block: 'block: what the protocol does not allow is refused',
  quarantine: 'quarantine: what the protocol does not allow is refused, and a role at fault is out',
};

export function conversationPages(conversations: Conversations): Page[] {
  return [
    {
      path: '/conversations',
      navigation: 'Conversations',
      operation: 'conversations.list',
      async render() {
        const { records, page } = await conversations.list({ limit: LISTED, offset: 0 });
        const rows = records.map(
          ({ body }) => html`<tr>
<td><a href="/conversations/${body.conversation_id}">${body.name ?? body.conversation_id}</a></td>
<td><a href="/protocols/${body.protocol_id}">${body.protocol}</a></td>
<td>${statusOf(body.status)}</td><td>${body.roles.join(', ')}</td><td>${body.accepted}</td>
<td class="${body.refused > 0 ? 'bad' : ''}">${body.refused}</td><td>${moment(body.created_at)}</td></tr>`,
        );
        const table = html`<table><tr><th>Conversation</th><th>Protocol</th><th>Status</th><th>Roles</th><th>Accepted</th><th>Refused</th><th>Started</th></tr>${rows}</table>`;
        const none = html`<p>None yet. Define a protocol with <code>POST /api/protocols</code>, verify it, and start one with <code>POST /api/conversations</code>.</p>`;
        const more =
          page.total > records.length && html`<p class="quiet">The latest ${records.length} of ${page.total}.</p>`;
        return { title: 'Conversations', body: html`${records.length === 0 ? none : table}${more}` };
      },
    },
    {
      path: '/conversations/{conversation_id}',
      operation: 'conversations.get',
      async render({ conversation_id = '' }) {
        const conversation = await conversations.get(conversation_id);
        await conversation.quiet();
        const { body, log } = conversation;
        const from = Math.max(0, log.size - DRAWN);
        const entries = await conversations.entries(conversation_id, { from, limit: DRAWN });
        const leaves = entries.map(({ leaf }) => leaf);
        const api = `/api/conversations/${conversation_id}`;
        const running = body.status === 'running';
        const owing = conversation.owing();
        return {
          title: body.name ?? body.conversation_id,
          ...(running && { refreshSeconds: REFRESH_SECONDS }),
          body: html`
<dl>
<dt>Protocol</dt><dd><a href="/protocols/${body.protocol_id}">${body.protocol}</a>, process <code>${body.system}</code></dd>
<dt>Status</dt><dd>${statusOf(body.status)}: ${body.accepted} accepted, each checked before delivery; ${body.refused} refused${(body.unlawful ?? 0) > 0 && html`; <span class="bad">${body.unlawful} delivered though unlawful</span>`}</dd>
<dt>Mode</dt><dd>${MODES[body.mode ?? 'block']}</dd>
<dt>Log</dt><dd>${log.size} entries; <a href="${api}/log">download</a> it and check it with <code>csp audit</code>; <a href="${api}/events">all attempts</a> and the <a href="${api}/trace">trace</a> as JSON</dd>
</dl>
${running && expectedNow(conversation.expected())}
${owing.length > 0 && html`<p class="quiet">To go on, ${owing.map(({ role }) => role).join(' or ')} has to move.</p>`}
<h2>What happened</h2>
${from > 0 && html`<p class="quiet">The latest ${DRAWN} entries of ${log.size}.</p>`}
<div class="wide" tabindex="0">${sequenceChart(body.roles, leaves)}</div>
<h2>Every entry</h2>
<table><tr><th>#</th><th>Time</th><th>Role</th><th>Event</th><th>Outcome</th></tr>${leaves.map(entryRow)}</table>`,
        };
      },
    },
  ];
}

function expectedNow(expected: readonly { readonly event: string; readonly role: string }[]): Html {
  return html`<p>Possible now: ${expected.map(({ event, role }, i) => html`${i > 0 ? ', ' : ''}<code>${event}</code> <span class="quiet">by ${role}</span>`)}</p>`;
}

function entryRow(leaf: Leaf): Html {
  const place = html`<td>${leaf.seq}</td><td>${moment(leaf.at)}</td>`;
  switch (leaf.kind) {
    case 'opened':
      return html`<tr>${place}<td></td><td></td><td>opened with protocol ${leaf.protocol.name}</td></tr>`;
    case 'closed':
      return html`<tr>${place}<td></td><td></td><td>closed: ${leaf.reason}</td></tr>`;
    case 'event':
      return html`<tr>${place}<td>${leaf.role}</td><td class="mono">${leaf.event}</td><td class="good">accepted</td></tr>`;
    case 'refusal':
      return html`<tr>${place}<td>${leaf.role}</td><td class="mono">${leaf.event}</td><td class="bad">refused: ${leaf.reason}${expectedInstead(leaf.expected)}</td></tr>`;
    case 'unlawful':
      return html`<tr>${place}<td>${leaf.role}</td><td class="mono">${leaf.event}</td><td class="bad">delivered, though unlawful: ${leaf.reason}${expectedInstead(leaf.expected)}</td></tr>`;
    case 'quarantined':
      return html`<tr>${place}<td>${leaf.role}</td><td></td><td class="bad">in quarantine from here on: ${leaf.reason}</td></tr>`;
    default:
      return leaf satisfies never;
  }
}

function statusOf(status: ConversationStatus): Html {
  const look = status === 'stuck' ? 'bad' : status === 'terminated' ? 'good' : '';
  return html`<span class="${look}">${status}</span>`;
}

export function moment(at: string): Html {
  return html`<time datetime="${at}">${at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}</time>`;
}
