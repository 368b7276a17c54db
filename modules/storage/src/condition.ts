/** The conditions of a search as SQL that all databases read alike. */
import type { ReadQuery } from './change.ts';
import { columnOf } from './sql.ts';

export interface Condition {
  /** With `WHERE` in front; empty when everything matches. */
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/** @param placeholder of the value at a position that counts from 1 */
export function matching({ where }: ReadQuery, placeholder: (position: number) => string): Condition {
  return joined(...comparisons(where, placeholder));
}

/** What matches and comes after the place of the query. Records without a value come first, and last when the order is descending. */
export function matchingAfter(query: ReadQuery, placeholder: (position: number) => string): Condition {
  const [texts, values] = comparisons(query.where, placeholder);
  if (query.after === undefined) return joined(texts, values);
  const { value, ordinal } = query.after;
  const { field, descending } = query.order;
  const beyond = descending ? '<' : '>';
  const next = (one: string | number) => placeholder(values.push(one));
  if (field === undefined) return joined([...texts, `ordinal ${beyond} ${next(ordinal)}`], values);
  const column = columnOf(field);
  if (value === null) {
    const among = `(${column} IS NULL AND ordinal ${beyond} ${next(ordinal)})`;
    return joined([...texts, descending ? among : `(${among} OR ${column} IS NOT NULL)`], values);
  }
  const later = `${column} ${beyond} ${next(value)}`;
  const among = `(${column} = ${next(value)} AND ordinal ${beyond} ${next(ordinal)})`;
  return joined([...texts, `(${later} OR ${among}${descending ? ` OR ${column} IS NULL` : ''})`], values);
}

function comparisons(
  where: ReadQuery['where'],
  placeholder: (position: number) => string,
): [texts: string[], values: (string | number)[]] {
  const texts = where.map(({ field, operator }, index) => `${columnOf(field)} ${operator} ${placeholder(index + 1)}`);
  return [texts, where.map(({ value }) => value)];
}

function joined(texts: readonly string[], values: readonly (string | number)[]): Condition {
  return { text: texts.length === 0 ? '' : `WHERE ${texts.join(' AND ')}`, values };
}
