/** The gateway's own pages: what runs here, and the meaning of every error code. Nothing in them knows a module by name. */
import { type Catalog, Fault, html, nearest, type Page } from '@enhanced-csp/platform';
import type { Panels } from './panels.ts';
import { splitRoute } from './path.ts';
import { statusOf } from './problem.ts';

export function ownPages(
  catalog: Catalog,
  about: { readonly version: string; readonly panels: Panels; openApi(): object },
): readonly Page[] {
  return [homePage(catalog, about), docsPage(about), errorsPage(catalog), errorPage(catalog)];
}

/** Loaded when somebody looks at it: it is no part of the start. */
function docsPage({ openApi }: { openApi(): object }): Page {
  return {
    path: '/docs',
    navigation: 'API',
    render: async () => (await import('./docs/page.ts')).apiPage(openApi()),
  };
}

/** The same as `GET /` in JSON. */
export async function overview(catalog: Catalog, about: { readonly name: string; readonly version: string }) {
  const { healthy, modules } = await catalog.health();
  return {
    name: about.name,
    version: about.version,
    status: healthy ? 'healthy' : 'degraded',
    modules: Object.keys(modules),
    links: { docs: '/docs', openapi: '/openapi.json', health: '/health', websocket: '/ws', errors: '/errors' },
    operations: catalog.operations().map(({ id, route, summary }) => {
      const { method, path } = splitRoute(route);
      return { id, method, path: `/api${path}`, summary };
    }),
    topics: catalog.streams().map(({ topic, summary }) => ({ topic, summary })),
  };
}

function homePage(catalog: Catalog, about: { readonly version: string; readonly panels: Panels }): Page {
  return {
    path: '/',
    async render(_, { requestId }) {
      const health = await catalog.health();
      const operations = catalog.operations().map((operation) => {
        const { method, path } = splitRoute(operation.route);
        const url = `/api${path}`;
        const shown = method === 'GET' && !path.includes('{') ? html`<a href="${url}">${url}</a>` : url;
        return html`<tr><td class="mono">${method}</td><td class="mono">${shown}</td><td>${operation.summary}</td></tr>`;
      });
      const streams = catalog
        .streams()
        .map(({ topic, summary }) => html`<tr><td class="mono">${topic}</td><td>${summary}</td></tr>`);
      const modules = Object.entries(health.modules).map(
        ([name, { healthy, detail }]) =>
          html`<tr><td>${name}</td><td class="${healthy ? 'good' : 'bad'}">${healthy ? 'healthy' : 'not healthy'}</td><td>${detail}</td></tr>`,
      );
      return {
        title: 'What runs here',
        body: html`
<p>Version ${about.version}. <a href="/docs">Try the API</a>. For programs: <a href="/openapi.json">OpenAPI</a>, <a href="/health">health</a>, WebSocket at <code>/ws</code>.</p>
${await about.panels.all(requestId)}
<h2>Modules</h2>
<table><tr><th>Module</th><th>State</th><th>Detail</th></tr>${modules}</table>
<h2>Operations</h2>
${operations.length === 0 ? html`<p class="quiet">None: no module in this assembly offers one.</p>` : html`<table><tr><th>Method</th><th>Path</th><th>What it does</th></tr>${operations}</table>`}
<h2>Topics</h2>
${streams.length === 0 ? html`<p class="quiet">None.</p>` : html`<table><tr><th>Topic</th><th>What it tells</th></tr>${streams}</table>`}`,
      };
    },
  };
}

function errorsPage(catalog: Catalog): Page {
  return {
    path: '/errors',
    navigation: 'Error codes',
    async render() {
      const rows = Object.entries(catalog.errors()).map(
        ([code, { title, kind }]) =>
          html`<tr><td class="mono"><a href="/errors/${code}">${code}</a></td><td>${statusOf(code, kind)}</td><td>${title}</td></tr>`,
      );
      return {
        title: 'Error codes',
        body: html`<table><tr><th>Code</th><th>Status</th><th>Meaning</th></tr>${rows}</table>`,
      };
    },
  };
}

function errorPage(catalog: Catalog): Page {
  return {
    path: '/errors/{code}',
    async render({ code = '' }) {
      const row = catalog.errors()[code];
      if (row === undefined) {
        const near = nearest(code, Object.keys(catalog.errors()));
        throw new Fault('CSP-GTW-005', 'not found', `There is no code ${code}.${near ? ` Did you mean ${near}?` : ''}`);
      }
      return {
        title: `${code}: ${row.title}`,
        body: html`<dl><dt>Kind</dt><dd>${row.kind}</dd><dt>Next step</dt><dd>${row.next}</dd></dl>`,
      };
    },
  };
}
