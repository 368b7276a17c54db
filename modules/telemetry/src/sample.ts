/** Samples and what is kept of them: buckets of a minute and of an hour, into which samples and other buckets are added. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  readonly lagMs: number;
  readonly lagMaxMs: number;
  /** undefined: no module has processes. */
  readonly processesActive: number | undefined;
  /** Since the sample before. */
  readonly requests: number;
  readonly errors: number;
  readonly responseSeconds: number;
}

export interface Span {
  readonly sum: number;
  readonly max: number;
  readonly count: number;
}

export interface Bucket {
  /** Where it begins, milliseconds since 1970. */
  readonly at: number;
  readonly samples: number;
  readonly cpuPercent: Span;
  readonly memoryPercent: Span;
  readonly lagMs: Span;
  readonly processesActive: Span;
  readonly requests: number;
  readonly errors: number;
  readonly responseSeconds: number;
}

const NOTHING: Span = { sum: 0, max: 0, count: 0 };
const one = (value: number, max = value): Span => ({ sum: value, max, count: 1 });
const both = (a: Span, b: Span): Span => ({
  sum: a.sum + b.sum,
  max: a.count === 0 ? b.max : b.count === 0 ? a.max : Math.max(a.max, b.max),
  count: a.count + b.count,
});

/** The bucket of one sample. */
export function bucketOf(sample: Sample, widthMs: number): Bucket {
  return {
    at: Math.floor(sample.at / widthMs) * widthMs,
    samples: 1,
    cpuPercent: one(sample.cpuPercent),
    memoryPercent: one(sample.memoryPercent),
    lagMs: one(sample.lagMs, sample.lagMaxMs),
    processesActive: sample.processesActive === undefined ? NOTHING : one(sample.processesActive),
    requests: sample.requests,
    errors: sample.errors,
    responseSeconds: sample.responseSeconds,
  };
}

/** Associative and commutative: the order in which samples are put together does not matter. Keeps where the first one begins. */
export function merged(a: Bucket, b: Bucket): Bucket {
  return {
    at: a.at,
    samples: a.samples + b.samples,
    cpuPercent: both(a.cpuPercent, b.cpuPercent),
    memoryPercent: both(a.memoryPercent, b.memoryPercent),
    lagMs: both(a.lagMs, b.lagMs),
    processesActive: both(a.processesActive, b.processesActive),
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    responseSeconds: a.responseSeconds + b.responseSeconds,
  };
}

/** Buckets put together to wider ones, oldest first. */
export function rebucketed(buckets: readonly Bucket[], widthMs: number): readonly Bucket[] {
  const wide = new Map<number, Bucket>();
  for (const bucket of buckets) {
    const at = Math.floor(bucket.at / widthMs) * widthMs;
    const known = wide.get(at);
    wide.set(at, known === undefined ? { ...bucket, at } : merged(known, bucket));
  }
  return [...wide.values()].sort((a, b) => a.at - b.at);
}
