/** Answers for people: a list as a table, anything else as names and values. */
import type { Paint } from './context.ts';

type Row = Readonly<Record<string, unknown>>;

const WIDTH_MAX = 60;

/** A page of a list is a table, with what there is beside it: `total`, or where the next page begins. */
export function readable(answer: unknown, paint: Paint): string {
  if (!isRow(answer)) return String(answer);
  const lists = Object.entries(answer).filter(([, value]) => Array.isArray(value) && value.every(isRow));
  const [list] = lists;
  const isPage = 'total' in answer || 'next' in answer || Object.keys(answer).length === 1;
  if (!isPage || lists.length !== 1 || list === undefined) return pairs(answer, paint);
  const [name, rows] = list as [string, readonly Row[]];
  const rest = Object.fromEntries(Object.entries(answer).filter(([key]) => key !== name));
  const table = rows.length === 0 ? paint.faint(`no ${name}`) : tableOf(rows, paint);
  const said = Object.entries(rest).map(([key, value]) => `${key} ${cell(value)}`);
  return said.length === 0 ? table : `${table}\n${paint.faint(said.join(', '))}`;
}

/** Columns are the members that are plain in all rows. */
export function tableOf(rows: readonly Row[], paint: Paint, { heads = true } = {}): string {
  const columns = [...new Set(rows.flatMap(Object.keys))].filter((key) => rows.every((row) => !isNested(row[key])));
  const cells = rows.map((row) => columns.map((key) => cell(row[key])));
  const widths = columns.map((key, index) =>
    Math.max(...cells.map((line) => (line[index] as string).length), heads ? key.length : 0),
  );
  const line = (values: readonly string[]) =>
    values
      .map((value, index) => value.padEnd(widths[index] as number))
      .join('  ')
      .trimEnd();
  return [...(heads ? [paint.faint(line(columns))] : []), ...cells.map(line)].join('\n');
}

function pairs(row: Row, paint: Paint, indent = ''): string {
  const width = Math.max(0, ...Object.keys(row).map((key) => key.length));
  return Object.entries(row)
    .map(([key, value]) => {
      const label = `${indent}${paint.faint(key.padEnd(width))}  `;
      if (isRow(value) && Object.keys(value).length > 0) return `${label}\n${pairs(value, paint, `${indent}  `)}`;
      if (Array.isArray(value) && value.length > 0 && value.every(isRow))
        return `${label}\n${value.map((one) => pairs(one, paint, `${indent}  `)).join('\n')}`;
      return label + (typeof value === 'string' ? value : cell(value, Number.POSITIVE_INFINITY));
    })
    .join('\n');
}

function cell(value: unknown, widthMax = WIDTH_MAX): string {
  if (value === undefined || value === null) return '-';
  const text = typeof value === 'string' ? value : JSON.stringify(typeof value === 'number' ? rounded(value) : value);
  const line = text.replaceAll('\n', ' ');
  return line.length > widthMax ? `${line.slice(0, widthMax - 1)}…` : line;
}

/** A thousandth is enough for people; `--json` has all of it. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNested(value: unknown): boolean {
  return isRow(value) || (Array.isArray(value) && value.some(isRow));
}
