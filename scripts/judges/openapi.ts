/**
 * Redocly's linter reads the OpenAPI document; its `respect` sends the requests of the Arazzo document to the running server; and Prism stands as a
 * proxy between the examples of all rows and the server. Both of the latter hold every request and answer to the OpenAPI document.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { performExamples } from '../../tests/contract/examples.ts';
import { rest } from '../../tests/contract/surfaces.ts';
import { freePort, installed, type Judge, type Opinion, ROOT, run, type Subject, start } from './judge.ts';

const OPENAPI = join(ROOT, 'docs/api/openapi.yaml');
const ARAZZO = join(ROOT, 'docs/api/first-five-minutes.arazzo.yaml');

// biome-ignore lint/suspicious/noExplicitAny: a document that is changed in one place
type Document = any;

/** The documents with something in them that is not true of the server. */
function planted(folder: string, change: (openApi: Document) => void): { openApi: string; arazzo: string } {
  const where = join(folder, 'planted');
  mkdirSync(where, { recursive: true });
  const document = parse(readFileSync(OPENAPI, 'utf8')) as Document;
  change(document);
  const openApi = join(where, 'openapi.yaml');
  const arazzo = join(where, 'first-five-minutes.arazzo.yaml');
  writeFileSync(openApi, stringify(document));
  writeFileSync(arazzo, readFileSync(ARAZZO));
  return { openApi, arazzo };
}

/** A field that no answer has. */
function requireMore({ components }: Document): void {
  components.schemas.MetricsReadOutput.required.push('never_there');
}

async function lint(path: string): Promise<Opinion> {
  const { status, output } = await run(installed('redocly'), ['lint', path, '--format', 'json']);
  const { problems } = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as {
    problems: { ruleId: string; message: string; severity: string }[];
  };
  const complaints = problems.map(({ severity, ruleId, message }) => `${severity} ${ruleId}: ${message}`);
  if (status !== 0 && complaints.length === 0) complaints.push(output.slice(-500));
  return { examined: path.slice(path.lastIndexOf('/') + 1), complaints };
}

export const linter = (path: 'openapi' | 'arazzo'): Judge => ({
  name: `redocly lint, ${path}`,
  judge: () => lint(path === 'openapi' ? OPENAPI : ARAZZO),
  control({ folder }) {
    const copies = planted(folder, ({ paths }) => delete paths['/api/metrics'].get.responses);
    if (path === 'openapi') return lint(copies.openApi);
    writeFileSync(copies.arazzo, readFileSync(ARAZZO, 'utf8').replace('stepId: metrics', 'stepID: metrics'));
    return lint(copies.arazzo);
  },
});

async function follow(arazzo: string, { server, folder }: Subject): Promise<Opinion> {
  await empty(server.url);
  const report = join(folder, 'respect.json');
  const { status, output } = await run(installed('redocly'), [
    ...['respect', arazzo, '--server', `api=${server.url}`, '--json-output', report],
  ]);
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as Document;
  const [{ executedWorkflows }] = Object.values(files) as Document[];
  const checks = executedWorkflows.flatMap(({ executedSteps }: Document) =>
    executedSteps.flatMap(({ stepId, checks }: Document) => checks.map((check: Document) => ({ stepId, ...check }))),
  ) as { stepId: string; name: string; status: string; message?: string }[];
  const complaints = checks
    .filter((check) => check.status !== 'success')
    .map(({ stepId, name, message = '' }) => `${stepId}: ${name}: ${message.slice(0, 300)}`);
  if (status !== 0 && complaints.length === 0) complaints.push(output.slice(-2000));
  return { examined: `${checks.length} checks of the answers to the first five minutes`, complaints };
}

export const respect: Judge = {
  name: 'redocly respect',
  judge: (subject) => follow(ARAZZO, subject),
  control: (subject) => follow(planted(subject.folder, requireMore).arazzo, subject),
};

async function between(openApi: string, { server }: Subject): Promise<Opinion> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['proxy', openApi, server.url, '--errors', '--host', '127.0.0.1', '--port', String(port)];
  const prism = await start(installed('prism'), args, (output) => output.includes('Prism is listening'));
  const complaints: string[] = [];
  let count = 0;
  try {
    await empty(server.url);
    for await (const _ of performExamples(server.platform.catalog, rest(url, '/api'))) count += 1;
  } catch (fault) {
    complaints.push((fault as Error).message.slice(0, 1000));
  } finally {
    await prism.stop();
  }
  return { examined: `${count} examples through its proxy`, complaints };
}

export const prism: Judge = {
  name: 'prism proxy',
  judge: (subject) => between(OPENAPI, subject),
  control: (subject) => between(planted(subject.folder, requireMore).openApi, subject),
};

/** What the judges before have left: requests that name things would find them there already. */
export async function empty(url: string): Promise<void> {
  const list = async (what: string) =>
    ((await (await fetch(`${url}/api/${what}?limit=1000`)).json()) as Document)[what];
  const post = (path: string, body: object = {}) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  for (const { process_id, status } of await list('processes')) {
    if (status === 'running') await post(`/api/processes/${process_id}/stop`);
    await fetch(`${url}/api/processes/${process_id}`, { method: 'DELETE' });
  }
  for (const { channel_id } of await list('channels')) {
    while ((await post(`/api/channels/${channel_id}/receive`, { timeout: 0 })).ok);
    await fetch(`${url}/api/channels/${channel_id}`, { method: 'DELETE' });
  }
}
