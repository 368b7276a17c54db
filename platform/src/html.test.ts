import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from './html.ts';

test('text is escaped, markup of our own is not, and nothing leaves nothing', () => {
  expect(html`<p title="${'"><script>'}">${`a & b's`}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;">a &amp; b&#39;s</p>',
  );
  expect(html`<ul>${[1, 2].map((n) => html`<li>${n}</li>`)}</ul>${null}${undefined}${false}${true}`.text).toBe(
    '<ul><li>1</li><li>2</li></ul>true',
  );
});

test('an object that looks like markup, as JSON from outside may, is text', () => {
  const forged = JSON.parse('{"text": "<script>", "trusted": true}');
  expect(html`${forged}`.text).not.toContain('<');
});

test('no text can open a tag or leave an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a') }), (text) => {
      expect(html`${text}`.text).not.toMatch(/[<>"']/);
      expect(html`${text}`.text.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
    }),
    { seed: 1 },
  );
});
