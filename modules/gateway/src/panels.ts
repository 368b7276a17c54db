/** Panels of modules on the home page: each in a frame of its own, so that one that fails takes no other with it. */
import { type Clock, Fault, type Html, html, type Panel } from '@enhanced-csp/platform';
import type { Problem } from './problem.ts';

/** The page does not wait longer for a panel. */
const PATIENCE_MS = 2000;

export interface Panels {
  /** With their frames; nothing where there are none. */
  all(request: string): Promise<Html>;
  /** What is in the frame of one; undefined when there is no such panel. */
  one(name: string, request: string): Promise<Html | undefined>;
}

/** @param problemOf what was thrown, in words; it is logged there. */
export function panelsOf(
  panels: ReadonlyMap<string, Panel>,
  clock: Pick<Clock, 'after'>,
  problemOf: (thrown: unknown, request: string) => Problem,
): Panels {
  async function content(name: string, panel: Panel, request: string): Promise<Html> {
    let cancel = () => {};
    try {
      const late = new Promise<never>((_, reject) => {
        cancel = clock.after(PATIENCE_MS, () =>
          reject(new Fault('CSP-GTW-029', 'timed out', `The panel ${name} takes longer than ${PATIENCE_MS / 1000} s.`)),
        );
      });
      return html`${await Promise.race([panel.render(), late])}`;
    } catch (thrown) {
      const { title, detail, code } = problemOf(thrown, request);
      return html`<p class="bad">${title}</p><p>${detail}</p><p class="quiet mono">${code} · ${name}</p>`;
    } finally {
      cancel();
    }
  }

  return {
    async all(request) {
      const frames = await Promise.all(
        [...panels].map(async ([name, panel]) => {
          const { title, topic } = panel;
          return html`<section data-panel="${name}"${topic === undefined ? '' : html` data-topic="${topic}"`}>
<h2>${title}</h2>
<div>${await content(name, panel, request)}</div>
</section>
`;
        }),
      );
      const follows = [...panels.values()].some(({ topic }) => topic !== undefined);
      return html`${frames}${follows && html`<script src="/panels.js" defer></script>`}`;
    },
    async one(name, request) {
      const panel = panels.get(name);
      return panel === undefined ? undefined : content(name, panel, request);
    },
  };
}
