/** Metrics as Prometheus reads them: the text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/. */
import type { Metric } from '@enhanced-csp/platform';

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map(metricText).join('');
}

function metricText({ name, help, kind, labels, bounds, series }: Metric): string {
  const lines = [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${kind}`];
  for (const one of series) {
    const named = labels.map((label, index) => `${label}="${escaped(one.labels[index] ?? '')}"`);
    const braced = (more: readonly string[]) => (more.length === 0 ? '' : `{${more.join(',')}}`);
    if (one.buckets === undefined) {
      lines.push(`${name}${braced(named)} ${numberText(one.value)}`);
      continue;
    }
    for (const [index, count] of one.buckets.entries()) {
      const bound = index < bounds.length ? numberText(bounds[index] as number) : '+Inf';
      lines.push(`${name}_bucket${braced([...named, `le="${bound}"`])} ${count}`);
    }
    lines.push(`${name}_sum${braced(named)} ${numberText(one.value)}`);
    lines.push(`${name}_count${braced(named)} ${one.buckets.at(-1)}`);
  }
  return `${lines.join('\n')}\n`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
