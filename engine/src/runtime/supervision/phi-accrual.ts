/**
 * The phi accrual failure detector: how strongly the silence of a peer speaks for its failure.
 *
 * phi = -log10 P(a heartbeat comes later than now), for normally distributed intervals: at phi 1 a suspicion is wrong one time in ten, at 8 one in 10⁸.
 * The tail is computed in logarithms, so that phi grows without bound instead of sticking where a probability underflows.
 *
 * What the paper leaves open follows the detector of Akka and Pekko: before there are intervals one is assumed, so that a peer that is heard once and
 * never again is suspected too; and the interval that ends a suspicion is not remembered, so that an outage does not make the next one invisible.
 *
 * Hayashibara, Défago, Yared, Katayama, The φ Accrual Failure Detector, SRDS 2004.
 */
export interface PhiAccrualOptions {
  /** Milliseconds, any origin; the clock of the network. */
  readonly now: () => number;
  /** From it on the peer is suspected. Absent: 8. */
  readonly threshold?: number;
  /** Intervals remembered. Absent: 1000. */
  readonly windowSize?: number;
  /** Floor of the standard deviation, in milliseconds: perfectly regular heartbeats must not make a small delay a failure. Absent: 100. */
  readonly deviationMin?: number;
  /** Milliseconds between heartbeats as expected before there are any; its deviation is a quarter of it. Absent: 1000. */
  readonly intervalExpected?: number;
  /** Milliseconds of silence that say nothing, such as a pause of the host. Absent: 0. */
  readonly pauseAcceptable?: number;
}

/**
 * @example
 * const detector = new PhiAccrual({ now: () => network.now() });
 * detector.heartbeat();
 * if (detector.suspected) link.close();
 */
export class PhiAccrual {
  readonly #now: () => number;
  readonly #threshold: number;
  readonly #deviationMin: number;
  readonly #pauseAcceptable: number;
  readonly #intervals: Float64Array;
  #count = 0;
  #next = 0;
  #last: number | undefined = undefined;

  constructor(options: PhiAccrualOptions) {
    const {
      threshold = 8,
      windowSize = 1000,
      deviationMin = 100,
      pauseAcceptable = 0,
      intervalExpected = 1000,
    } = options;
    if (!(threshold > 0)) throw new RangeError(`threshold must be above 0, not ${threshold}`);
    if (!(Number.isSafeInteger(windowSize) && windowSize > 0))
      throw new RangeError(`windowSize is a number of intervals from 1, not ${windowSize}`);
    if (!(deviationMin > 0)) throw new RangeError(`deviationMin is in milliseconds above 0, not ${deviationMin}`);
    if (!(pauseAcceptable >= 0))
      throw new RangeError(`pauseAcceptable is in milliseconds from 0, not ${pauseAcceptable}`);
    if (!(intervalExpected > 0))
      throw new RangeError(`intervalExpected is in milliseconds above 0, not ${intervalExpected}`);
    this.#now = options.now;
    this.#threshold = threshold;
    this.#deviationMin = deviationMin;
    this.#pauseAcceptable = pauseAcceptable;
    this.#intervals = new Float64Array(windowSize);
    for (const share of [0.75, 1.25]) this.#remember(share * intervalExpected);
  }

  /** The peer was heard. */
  heartbeat(): void {
    const now = this.#now();
    if (this.#last !== undefined && !this.suspected) this.#remember(now - this.#last);
    this.#last = now;
  }

  /** 0 before the first heartbeat. */
  get phi(): number {
    if (this.#last === undefined) return 0;
    let mean = 0;
    for (let i = 0; i < this.#count; i++) mean += this.#intervals[i]! / this.#count;
    let variance = 0;
    for (let i = 0; i < this.#count; i++) variance += (this.#intervals[i]! - mean) ** 2 / this.#count;
    const deviation = Math.max(Math.sqrt(variance), this.#deviationMin);
    return phiOf((this.#now() - this.#last - this.#pauseAcceptable - mean) / deviation);
  }

  get suspected(): boolean {
    return this.phi >= this.#threshold;
  }

  #remember(interval: number): void {
    this.#intervals[this.#next] = interval;
    this.#next = (this.#next + 1) % this.#intervals.length;
    this.#count = Math.min(this.#count + 1, this.#intervals.length);
  }
}

/** -log10 of the upper tail of the standard normal distribution at `deviations`. */
export function phiOf(deviations: number): number {
  if (deviations < 0) return -Math.log1p(-upperTail(-deviations)) * Math.LOG10E;
  if (deviations < SERIES_BELOW) return -Math.log10(upperTail(deviations));
  return (deviations ** 2 / 2) * Math.LOG10E + Math.log10(Math.sqrt(2 * Math.PI) * fraction(deviations));
}

const SERIES_BELOW = 3;

/** Abramowitz and Stegun 26.2.11 below the bound, 26.2.14 above it. */
function upperTail(x: number): number {
  if (x >= SERIES_BELOW) return density(x) / fraction(x);
  let term = x;
  let sum = x;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 - density(x) * sum;
}

/** `x + 1/(x + 2/(x + 3/(x + …)))`, from the inside; 100 levels are exact to the last digits from 3 on. */
function fraction(x: number): number {
  let value = x;
  for (let level = 100; level > 0; level--) value = x + level / value;
  return value;
}

function density(x: number): number {
  return Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
}
