/** What the gateway has counted, read back from the metrics. */
import type { Metrics } from '@enhanced-csp/platform';

export interface RequestTotals {
  readonly requests: number;
  /** Answers of 500 and above, but for 504: nobody came to communicate in the time the caller gave, which is no error of the server. */
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
        const answered = one.labels[status];
        if (answered?.startsWith('5') && answered !== '504') errors += one.value;
      }
    } else if (name === 'csp_request_seconds') for (const one of series) seconds += one.value;
  }
  return { requests, errors, seconds };
}
