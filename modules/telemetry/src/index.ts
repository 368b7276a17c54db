export { TELEMETRY_ERRORS } from './errors.ts';
export { telemetry } from './module.ts';
export { prometheusText } from './prometheus.ts';
