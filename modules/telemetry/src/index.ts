import type { OtlpTracer, openOtlp } from './otlp.ts';

export { TELEMETRY_ERRORS } from './errors.ts';
export { telemetry } from './module.ts';
export { prometheusText } from './prometheus.ts';

/** Loads what sends spans to a collector only when there is one. */
export async function tracerFor(...given: Parameters<typeof openOtlp>): Promise<OtlpTracer> {
  return (await import('./otlp.ts')).openOtlp(...given);
}
