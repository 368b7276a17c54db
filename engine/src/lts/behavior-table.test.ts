import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type EventId, TICK } from '../csp/index.ts';
import { openProtocol } from '../index.ts';
import { normalFormOf, tableOf } from './behavior-table.ts';
import type { NormalForm } from './normal-form.ts';

const source = readFileSync(new URL('../../../models/negotiation.csp', import.meta.url), 'utf8');
const opened = openProtocol({ source }, { file: 'negotiation.csp' });
if (opened.kind !== 'open') throw new Error('the negotiation does not open');
const { normalForm } = opened.protocol;

test('a table that went through JSON has the traces and acceptances of its normal form', () => {
  const again = normalFormOf(JSON.parse(JSON.stringify(tableOf(normalForm))));
  const seen = new Set<string>();
  const pairs: [number, number][] = [[normalForm.initial, again.initial]];
  for (const [left, right] of pairs) {
    if (seen.has(`${left} ${right}`)) continue;
    seen.add(`${left} ${right}`);
    expect(names(again, right)).toEqual(names(normalForm, left));
    expect(acceptances(again, right)).toEqual(acceptances(normalForm, left));
    for (const event of normalForm.initials(left)) {
      const name = normalForm.alphabet.nameOf(event);
      const same = event === TICK ? TICK : again.alphabet.find(name)!;
      pairs.push([normalForm.after(left, event), again.after(right, same)]);
    }
  }
  expect(seen.size).toBe(normalForm.nodeCount);
});

test('a table without acceptances requires nothing', () => {
  const { acceptances: _, ...older } = tableOf(normalForm)!;
  expect(normalFormOf(older).acceptances(0)).toEqual([]);
});

function acceptances(form: NormalForm, node: number): string[] {
  const named = (set: readonly EventId[]): string =>
    set
      .map((event) => form.alphabet.nameOf(event))
      .sort()
      .join();
  return form.acceptances(node).map(named).sort();
}

function names(form: NormalForm, node: number): string[] {
  return form
    .initials(node)
    .map((event) => form.alphabet.nameOf(event))
    .sort();
}
