/**
 * The successors of some states as they are found: columns of one array, since a loop over one array keeps its place in a register where a loop over five would not.
 */
import { grown } from './watch.ts';

/** The columns; column c of row i is `rows[c * capacity + i]`. */
export const EVENT = 0;
export const LOW = 1;
export const HIGH = 2;
export const HASH = 3;
export const NUMBER = 4;
const COLUMN_COUNT = 5;

export class Successors {
  capacity = 256;
  rows = new Int32Array(COLUMN_COUNT * 256);

  /** Makes room for `count` rows; keeps those there are. */
  reserve(count: number): void {
    if (count <= this.capacity) return;
    const { rows, capacity } = this;
    this.rows = grown(rows, COLUMN_COUNT * count);
    this.capacity = Math.floor(this.rows.length / COLUMN_COUNT);
    for (let column = COLUMN_COUNT - 1; column >= 0; column--) {
      this.rows.copyWithin(column * this.capacity, column * capacity, (column + 1) * capacity);
    }
  }
}
