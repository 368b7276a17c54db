import { expect, test } from 'vitest';
import { NO_TRACER, traceContextOf } from './tracing.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';

/** From the recommendation, section 3.2. */
test.each([
  [`00-${trace}-${span}-01`, true],
  [`00-${trace}-${span}-00`, false],
  [`cc-${trace}-${span}-01-what-the-future-will-be-like`, true],
])('%s names a trace', (header, sampled) => {
  expect(traceContextOf(header)).toEqual({ traceId: trace, spanId: span, sampled });
});

test.each([
  undefined,
  '',
  `00-${trace}-${span}`,
  `00-${trace}-${span}-01-more`,
  `ff-${trace}-${span}-01`,
  `00-${'0'.repeat(32)}-${span}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${span}-01`,
])('%s names none', (header) => {
  expect(traceContextOf(header)).toBeUndefined();
});

test('when nobody collects, a caller goes on with its own trace', () => {
  const parent = { traceId: trace, spanId: span, sampled: true };
  expect(NO_TRACER.start({ name: 'x', kind: 'server', parent }).context).toBe(parent);
  expect(NO_TRACER.start({ name: 'x', kind: 'server' }).context).toBeUndefined();
});
