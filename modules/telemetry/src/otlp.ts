/**
 * Spans for an OpenTelemetry collector: OTLP over HTTP as JSON (https://opentelemetry.io/docs/specs/otlp/), sent some at a time. Loaded only when there is
 * an endpoint. Spans that cannot be delivered are dropped and counted, and never hold up what they are about.
 */
import type { Clock, Log, Random, Span, SpanAttributes, SpanStart, TraceContext, Tracer } from '@enhanced-csp/platform';

export interface OtlpOptions {
  /** Where traces go: `http://localhost:4318/v1/traces`. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  readonly version: string;
}

/** Spans that wait for the collector; beyond, they are dropped. */
const WAITING_MAX = 4096;
const BATCH_MAX = 512;
const EVERY_MS = 1000;
const TIMEOUT_MS = 5000;
const KINDS = { internal: 1, server: 2, producer: 4, consumer: 5 } as const;

export interface OtlpTracer extends Tracer {
  /** Sends what waits. Never throws. */
  close(): Promise<void>;
}

export function openOtlp(
  { clock, random, log }: { readonly clock: Clock; readonly random: Random; readonly log: Log },
  options: OtlpOptions,
): OtlpTracer {
  const waiting: object[] = [];
  let dropped = 0;
  let sending: Promise<void> | undefined;
  let cancel: (() => void) | undefined;

  function keep(span: object): void {
    if (waiting.length >= WAITING_MAX) dropped += 1;
    else waiting.push(span);
    cancel ??= clock.after(EVERY_MS, () => {
      cancel = undefined;
      void flush();
    });
  }

  async function flush(): Promise<void> {
    await sending;
    sending = sendAll();
    await sending;
  }

  /** Ends at the first batch that is not taken: what is left goes with the next spans. */
  async function sendAll(): Promise<void> {
    while (waiting.length > 0 && (await send(waiting.splice(0, BATCH_MAX))));
  }

  async function send(spans: readonly object[]): Promise<boolean> {
    try {
      const response = await fetch(options.endpoint, {
        method: 'POST',
        headers: { ...options.headers, 'content-type': 'application/json' },
        body: JSON.stringify(bodyOf(spans, options)),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`status ${response.status}`);
      return true;
    } catch (cause) {
      dropped += spans.length;
      log.warn({ endpoint: options.endpoint, cause: String(cause), dropped }, 'spans could not be delivered');
      return false;
    }
  }

  return {
    start(start: SpanStart): Span {
      const { parent } = start;
      const context: TraceContext = {
        traceId: parent?.traceId ?? hex(random.bytes(16)),
        spanId: hex(random.bytes(8)),
        sampled: parent?.sampled ?? true,
      };
      const [wall, begun] = [clock.now(), clock.monotonic()];
      return {
        context,
        end(attributes = {}, failure) {
          // A caller that does not sample asks not to be recorded.
          if (context.sampled)
            keep(spanOf(start, context, wall, wall + clock.monotonic() - begun, attributes, failure));
        },
      };
    },
    async close() {
      cancel?.();
      await flush();
    },
  };
}

function spanOf(
  { name, kind, parent, links = [], attributes: first = {} }: SpanStart,
  { traceId, spanId }: TraceContext,
  startMs: number,
  endMs: number,
  attributes: SpanAttributes,
  failure: string | undefined,
): object {
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(endMs),
    attributes: attributesOf({ ...first, ...attributes }),
    links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
    status: failure === undefined ? {} : { code: 2, message: failure },
  };
}

function bodyOf(spans: readonly object[], { serviceName, version }: OtlpOptions): object {
  const resource = { attributes: attributesOf({ 'service.name': serviceName, 'service.version': version }) };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'enhanced-csp', version }, spans }] }] };
}

function attributesOf(attributes: SpanAttributes): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: String(value) }
            : { doubleValue: value },
  }));
}

/** As text: a double does not hold nanoseconds since 1970. */
function nanoseconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((milliseconds - whole) * 1e6)));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
