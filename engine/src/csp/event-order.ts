/** The order in which people expect events: field by field, numbers by value. */

/**
 * Negative, zero or positive as `one` comes before, is, or comes after `other`.
 *
 * @example
 * ['c.10', 'c.9', 'b'].sort(inEventOrder); // ['b', 'c.9', 'c.10']
 */
export function inEventOrder(one: string, other: string): number {
  const [left, right] = [one.split('.'), other.split('.')];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [a, b] = [left[i]!, right[i]!];
    if (a === b) continue;
    const [m, n] = [Number(a), Number(b)];
    if (!Number.isNaN(m) && !Number.isNaN(n) && m !== n) return m - n;
    return a < b ? -1 : 1;
  }
  return left.length - right.length;
}
