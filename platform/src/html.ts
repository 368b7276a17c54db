/**
 * HTML that is escaped unless it was written in the source.
 *
 * ```ts
 * const name = '<script>';
 * html`<p>${name}</p>`.text;                          // <p>&lt;script&gt;</p>
 * html`<ul>${['a', 'b'].map((x) => html`<li>${x}</li>`)}</ul>`.text;
 * ```
 */
export interface Html {
  readonly [trusted]: true;
  readonly text: string;
}

export type Insert = Html | string | number | boolean | null | undefined | readonly Insert[];

/** Only `html` makes such values, that of a module of others too; nothing that was text or JSON can have it, so none of that passes for markup. */
const trusted: unique symbol = Symbol.for('enhanced-csp.html');

/** Inserted values are escaped; `Html` and arrays of it go in as they are; `false`, `null` and `undefined` leave nothing. */
export function html(literals: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  let text = literals[0] ?? '';
  for (const [index, insert] of inserts.entries()) text += render(insert) + (literals[index + 1] ?? '');
  return { [trusted]: true, text };
}

function render(insert: Insert): string {
  if (insert === null || insert === undefined || insert === false) return '';
  if (Array.isArray(insert)) return insert.map(render).join('');
  if (typeof insert === 'object' && trusted in insert) return insert.text;
  return escapeHtml(String(insert));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
