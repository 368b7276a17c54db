/** What the gateway has counted, read back from the metrics. */
import type { Metrics } from '@enhanced-csp/platform';

export interface RequestTotals {
  readonly requests: number;
  /** Answers of 500 and above. */
  readonly errors: number;
  readonly seconds: number;
}

export function requestTotals(metrics: Metrics): RequestTotals {
  let requests = 0;
  let errors = 0;
  let seconds = 0;
  for (const { name, labels, series } of metrics.read()) {
    if (name === 'csp_requests_total') {
      const status = labels.indexOf('status');
      for (const one of series) {
        requests += one.value;
        if (one.labels[status]?.startsWith('5')) errors += one.value;
      }
    } else if (name === 'csp_request_seconds') for (const one of series) seconds += one.value;
  }
  return { requests, errors, seconds };
}
