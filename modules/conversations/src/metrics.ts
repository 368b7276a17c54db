/** Events are counted when they are durable; the labels are words of ours, never names of channels or protocols, so that there are few. */
import type { Metrics } from '@enhanced-csp/platform';

export const EVENTS_TOTAL = {
  name: 'csp_events_total',
  help: 'Events that are durable: on channels communicated, sent, received, dropped; in conversations accepted, refused, unlawful, quarantined, silent.',
  labels: ['of', 'kind'],
};

export function countEvent(metrics: Metrics, of: 'channel' | 'conversation', kind: string): void {
  metrics.counter(EVENTS_TOTAL).add(1, of, kind);
}
