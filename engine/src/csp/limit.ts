/** A limit was reached: which one. Thrown inside the engine, a value (`unknown`) at its door. */
export class LimitReached extends Error {
  readonly spent: 'states' | 'time' | 'memory';
  constructor(spent: 'states' | 'time' | 'memory') {
    super(`limit reached: ${spent}`);
    this.name = 'LimitReached';
    this.spent = spent;
  }
}

/** Told how much work was done, in terms looked at; throws `LimitReached` when that is enough. */
export type Spend = (units: number) => void;
