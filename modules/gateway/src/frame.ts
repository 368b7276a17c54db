/** The frame around every page: head, navigation, one stylesheet, and no request to anywhere else. */
import { type Html, html, type RenderedPage } from '@enhanced-csp/platform';

export interface Frame {
  /** Of this installation. */
  readonly name: string;
  readonly navigation: readonly { readonly path: string; readonly title: string }[];
}

/** @param at the path of the page, whose place in the navigation is marked; undefined: it has none. */
export function framed(page: RenderedPage, frame: Frame, at?: string): string {
  const refresh =
    page.refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${page.refreshSeconds}">`;
  const links: readonly Html[] = frame.navigation.map(({ path, title }) =>
    at === path || at?.startsWith(`${path}/`)
      ? html`<a href="${path}" aria-current="${at === path ? 'page' : 'true'}">${title}</a>`
      : html`<a href="${path}">${title}</a>`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}
<title>${page.title} · ${frame.name}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header><a class="name" href="/">${frame.name}</a><nav>${links}</nav></header>
<main>
<h1>${page.title}</h1>
${page.body}
</main>
</body>
</html>
`.text;
}

export const STYLE = `:root {
  --ink: #1c2128; --quiet: #57606a; --paper: #fdfdfc; --line: #d9dde2; --accent: #0a5f8a; --good: #1a6b3a; --bad: #a32020; --shade: #f3f4f2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e4e7ea; --quiet: #9aa4af; --paper: #14171a; --line: #2f363d; --accent: #6cb6e0; --good: #6cc48a; --bad: #f08080; --shade: #1d2125;
  }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header { display: flex; gap: 1.5rem; align-items: baseline; flex-wrap: wrap; padding: .8rem 1.5rem; border-bottom: 1px solid var(--line); }
header .name { font-weight: 600; color: var(--ink); text-decoration: none; }
nav { display: flex; gap: 1rem; flex-wrap: wrap; }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.6rem; font-weight: 600; line-height: 1.25; margin: 1rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; font-weight: 600; margin: 2rem 0 .6rem; }
a { color: var(--accent); }
a:focus-visible, .wide:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line); }
time { white-space: nowrap; }
.wide { overflow-x: auto; }
th { font-weight: 600; color: var(--quiet); white-space: nowrap; }
code, pre, .mono { font-family: ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', monospace; font-size: .9em; }
pre { background: var(--shade); border: 1px solid var(--line); border-radius: 4px; padding: .8rem 1rem; overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
input, select, textarea, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: 4px; padding: .3rem .6rem; }
textarea { width: 100%; font-family: ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', monospace; font-size: .9em; }
button { background: var(--accent); color: var(--paper); border-color: var(--accent); cursor: pointer; }
summary { cursor: pointer; padding: .3rem 0; overflow-wrap: anywhere; }
.operation { border-bottom: 1px solid var(--line); }
.operation[open] { padding-bottom: 1rem; }
.field { margin: .4rem 0; }
.method { display: inline-block; min-width: 4.2rem; font-weight: 600; font-size: .85em; }
.method.get { color: var(--good); }
.method.delete { color: var(--bad); }
.method.post, .method.put, .method.patch { color: var(--accent); }
[hidden] { display: none; }
.quiet { color: var(--quiet); }
.good { color: var(--good); }
.bad { color: var(--bad); }
`;
