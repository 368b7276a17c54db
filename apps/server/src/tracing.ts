/** Spans go where OpenTelemetry's own variables say; without them nothing is collected, and nothing is loaded. */
import { Fault, type Log, type Tracer } from '@enhanced-csp/platform';
import { tracerFor } from '@enhanced-csp/telemetry';
import { systemClock, systemRandom } from './capabilities.ts';
import { VERSION } from './version.ts';

/**
 * @param env `OTEL_EXPORTER_OTLP_ENDPOINT` (`/v1/traces` is added) or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`;
 * `OTEL_SDK_DISABLED` (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 * @throws Fault `CSP-CFG-002` for an endpoint that is no address.
 */
export async function tracerOf(
  env: Readonly<Record<string, string | undefined>>,
  log: Log,
): Promise<(Tracer & { close(): Promise<void> }) | undefined> {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base.replace(/\/+$/, '')}/v1/traces`);
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true') return undefined;
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw new Fault('CSP-CFG-002', 'invalid', `OTEL_EXPORTER_OTLP_ENDPOINT is not an address of http: ${endpoint}.`);
  return tracerFor(
    { clock: systemClock, random: systemRandom, log },
    {
      endpoint,
      headers: headersOf(env.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
      serviceName: env.OTEL_SERVICE_NAME ?? 'enhanced-csp',
      version: VERSION,
    },
  );
}

/** `key=value,other=value`, the values percent-encoded. */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}
