/**
 * Spans: what took how long on whose behalf, for those who collect them (OpenTelemetry). Traces are named as W3C Trace Context names them, and a caller's
 * trace is gone on with.
 */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanStart {
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'producer' | 'consumer';
  /** Absent: a trace of its own. */
  readonly parent?: TraceContext | undefined;
  /** Other traces that took part. */
  readonly links?: readonly TraceContext[];
  readonly attributes?: SpanAttributes;
}

export interface Span {
  /** What spans inside this one have as their parent; undefined when nobody collects and no caller named a trace. */
  readonly context: TraceContext | undefined;
  /** `failure`: why it did not do what it should. */
  end(attributes?: SpanAttributes, failure?: string): void;
}

export interface Tracer {
  start(span: SpanStart): Span;
}

/** Nobody collects: a caller's trace is passed on, and nothing is kept. */
export const NO_TRACER: Tracer = {
  start: ({ parent }) => (parent === undefined ? SILENT : { context: parent, end() {} }),
};

const SILENT: Span = { context: undefined, end() {} };

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * The header `traceparent` (https://www.w3.org/TR/trace-context/); undefined for what is none: then a new trace begins.
 *
 * ```ts
 * traceContextOf('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')?.traceId; // 4bf92f3577b34da6a3ce929d0e0e4736
 * ```
 */
export function traceContextOf(header: string | undefined): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header ?? '') ?? [];
  // Later versions may say more; this one may not, and ff is none.
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
