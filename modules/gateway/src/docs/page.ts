/**
 * The API as a page for people: every operation of the OpenAPI document with its parameters, schemas and answers, and a form that sends it from here to
 * here. The document is the only thing it reads; it asks nothing of any other site.
 */
import { type Html, html, type RenderedPage } from '@enhanced-csp/platform';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
}

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly deprecated?: boolean;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': {
        readonly schema: Schema;
        readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
      };
    };
  };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }
    >
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

export function apiPage(openApi: object): RenderedPage {
  const document = openApi as Document;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method: method.toUpperCase(), described })),
  );
  const tags = [...new Set(operations.flatMap(({ described }) => described.tags))];
  return {
    title: 'API',
    body: html`
<p>${operations.length} operations, sent from this page to this server. For programs: <a href="/openapi.json">OpenAPI</a>,
<a href="/asyncapi.json">AsyncAPI</a>, <a href="/schema.graphql">GraphQL</a>.</p>
<p><label>Find <input id="find" type="search" placeholder="channels, POST, verify …" autocomplete="off"></label></p>
${tags.map(
  (tag) =>
    html`<section class="group"><h2 id="${tag}">${tag}</h2>${operations
      .filter(({ described }) => described.tags[0] === tag)
      .map(({ path, method, described }) => operation(path, method, described, document))}</section>`,
)}
<script src="/docs.js" defer></script>`,
  };
}

function operation(path: string, method: string, described: Described, document: Document): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses } = described;
  const body = requestBody?.content['application/json'];
  return html`<details class="operation" id="${operationId}">
<summary><span class="method ${method.toLowerCase()}">${method}</span> <code>${path}</code> <span class="quiet">${summary}${described.deprecated === true ? ' (deprecated)' : ''}</span></summary>
${description === undefined ? '' : html`<p>${description}</p>`}
<form data-method="${method}" data-path="${path}">
${parameters.map(
  ({
    name,
    in: place,
    required = false,
    description: meaning,
    schema,
  }) => html`<p class="field"><label><code>${name}</code>
<span class="quiet">${place}${required ? ', required' : ''}</span> ${field(name, place, required, schema)}</label>${meaning === undefined ? '' : html` <span class="quiet">${meaning}</span>`}</p>`,
)}
${body === undefined ? '' : bodyField(body, document)}
<p><button type="submit">Send</button></p>
<div class="answer" aria-live="polite" hidden><pre class="request"></pre><p class="status"></p><pre class="response"></pre></div>
</form>
<table><tr><th>Status</th><th>Meaning</th></tr>${Object.entries(responses).map(
    ([status, response]) =>
      html`<tr><td>${status}</td><td>${response.description}${schemaOf(response.content?.['application/json']?.schema, document)}</td></tr>`,
  )}</table>
</details>`;
}

function field(name: string, place: string, required: boolean, schema: Schema): Html {
  const { enum: choices, default: usual } = schema;
  if (choices === undefined)
    return html`<input name="${name}" data-in="${place}" placeholder="${usual === undefined ? '' : String(usual)}" ${required ? html`required` : ''}>`;
  return html`<select name="${name}" data-in="${place}"><option value="">${usual === undefined ? 'any' : `default: ${String(usual)}`}</option>${choices.map(
    (choice) => html`<option>${String(choice)}</option>`,
  )}</select>`;
}

function bodyField(
  {
    schema,
    examples = {},
  }: { readonly schema: Schema; readonly examples?: Readonly<Record<string, { readonly value: unknown }>> },
  document: Document,
): Html {
  const entries = Object.entries(examples);
  const [first] = entries;
  const text = (value: unknown) => JSON.stringify(value, null, 2);
  return html`${
    entries.length < 2
      ? ''
      : html`<p><label>Example <select class="examples">${entries.map(
          ([name, { value }]) => html`<option value="${text(value)}">${name}</option>`,
        )}</select></label></p>`
  }
<p><label>Body<br><textarea name="body" rows="10" spellcheck="false">${first === undefined ? '{}' : text(first[1].value)}</textarea></label></p>
${schemaOf(schema, document)}`;
}

/** The schema with its name resolved, as it stands in the document. */
function schemaOf(schema: Schema | undefined, { components }: Document): Html | '' {
  if (schema === undefined) return '';
  const name = schema.$ref?.split('/').at(-1);
  const shown = name === undefined ? schema : components.schemas[name];
  return html`<details><summary class="quiet">schema${name === undefined ? '' : ` ${name}`}</summary><pre>${JSON.stringify(shown, null, 2)}</pre></details>`;
}
