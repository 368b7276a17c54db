/**
 * What is counted and measured, in memory: counters, gauges and histograms with few labels. Who shows or keeps the figures reads them here.
 *
 * Invariant: a metric never has more than `SERIES_MAX` series; what comes beyond is put together under the label values `other`.
 */
export interface Counter {
  /** Label values in the order of the declaration. */
  add(amount: number, ...labels: readonly string[]): void;
}

export interface Gauge {
  set(value: number, ...labels: readonly string[]): void;
}

export interface Histogram {
  observe(value: number, ...labels: readonly string[]): void;
}

export interface MetricDeclaration {
  /** As in Prometheus, with its unit last: `csp_request_seconds`, `csp_requests_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export interface Series {
  readonly labels: readonly string[];
  /** Of a counter or a gauge; of a histogram the sum of what was observed. */
  readonly value: number;
  /** Of a histogram: observations at most as large as each bound, the last one for all of them. */
  readonly buckets?: readonly number[];
}

export interface Metric extends Required<MetricDeclaration> {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Of a histogram: the upper bounds, ascending, without the infinite one. */
  readonly bounds: readonly number[];
  readonly series: readonly Series[];
}

export interface Metrics {
  /** Declaring a metric again gives the same one. */
  counter(declaration: MetricDeclaration): Counter;
  gauge(declaration: MetricDeclaration): Gauge;
  histogram(declaration: MetricDeclaration & { readonly bounds: readonly number[] }): Histogram;
  /** All of them, in the order of their declaration. */
  read(): readonly Metric[];
}

const SERIES_MAX = 1000;

interface OpenSeries {
  readonly labels: readonly string[];
  value: number;
  readonly counts: number[];
}

interface OpenMetric extends Omit<Metric, 'series'> {
  readonly series: Map<string, OpenSeries>;
}

/**
 * ```ts
 * const metrics = metricsInMemory();
 * const requests = metrics.counter({ name: 'requests_total', help: 'Requests.', labels: ['status'] });
 * requests.add(1, '200');
 * metrics.read()[0]?.series;                                     // [{ labels: ['200'], value: 1 }]
 * ```
 */
export function metricsInMemory(): Metrics {
  const metrics = new Map<string, OpenMetric>();

  function declare(kind: Metric['kind'], declaration: MetricDeclaration, bounds: readonly number[] = []): OpenMetric {
    const { name, help, labels = [] } = declaration;
    const known = metrics.get(name);
    if (known !== undefined) {
      if (known.kind !== kind || (known.labels !== labels && known.labels.join() !== labels.join()))
        throw new Error(`The metric ${name} is declared twice, and differently.`);
      return known;
    }
    const metric: OpenMetric = { kind, name, help, labels, bounds, series: new Map() };
    metrics.set(name, metric);
    return metric;
  }

  function seriesOf(metric: OpenMetric, labels: readonly string[]): OpenSeries {
    const key = labels.length === 1 ? (labels[0] as string) : labels.join('\0');
    const known = metric.series.get(key);
    if (known !== undefined) return known;
    if (metric.series.size >= SERIES_MAX && labels.some((value) => value !== 'other'))
      return seriesOf(
        metric,
        labels.map(() => 'other'),
      );
    const counts = metric.kind === 'histogram' ? new Array<number>(metric.bounds.length + 1).fill(0) : [];
    const made = { labels, value: 0, counts };
    metric.series.set(key, made);
    return made;
  }

  return {
    counter(declaration) {
      const metric = declare('counter', declaration);
      return {
        add(amount, ...labels) {
          seriesOf(metric, labels).value += amount;
        },
      };
    },
    gauge(declaration) {
      const metric = declare('gauge', declaration);
      return {
        set(value, ...labels) {
          seriesOf(metric, labels).value = value;
        },
      };
    },
    histogram(declaration) {
      const metric = declare('histogram', declaration, declaration.bounds);
      return {
        observe(value, ...labels) {
          const series = seriesOf(metric, labels);
          series.value += value;
          let index = 0;
          while (index < metric.bounds.length && value > (metric.bounds[index] as number)) index += 1;
          series.counts[index] = (series.counts[index] as number) + 1;
        },
      };
    },
    read: () =>
      [...metrics.values()].map(({ series, ...metric }) => ({
        ...metric,
        series: [...series.values()].map(({ labels, value, counts }) => ({
          labels,
          value,
          ...(metric.kind === 'histogram' ? { buckets: runningSums(counts) } : {}),
        })),
      })),
  };
}

function runningSums(counts: readonly number[]): readonly number[] {
  let sum = 0;
  return counts.map((count) => (sum += count));
}
