/** promtool reads what `/metrics` says, and a real Prometheus scrapes it and is asked for every metric that is documented. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performExamples } from '../../tests/contract/examples.ts';
import { rest } from '../../tests/contract/surfaces.ts';
import { freePort, fromDebian, type Judge, type Opinion, ROOT, run, type Subject, start } from './judge.ts';
import { empty } from './openapi.ts';

async function check(text: string): Promise<Opinion> {
  const { status, output } = await run(fromDebian('promtool', 'prometheus'), ['check', 'metrics'], text);
  const complaints = output.split('\n').filter((line) => line.trim() !== '');
  if (status !== 0 && complaints.length === 0) complaints.push(`exit status ${status}`);
  return { examined: `${text.match(/^# TYPE/gm)?.length ?? 0} metrics`, complaints };
}

export const promtool: Judge = {
  name: 'promtool check metrics',
  judge: async ({ server }) => check(await (await fetch(`${server.url}/metrics`)).text()),
  control: async ({ server }) => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return check(text.replaceAll('csp_requests_total', 'csp_requests'));
  },
};

/** Names and kinds, from the table of `docs/api/metrics.md`. */
function documented(): { readonly name: string; readonly kind: string }[] {
  const rows = readFileSync(join(ROOT, 'docs/api/metrics.md'), 'utf8').matchAll(/^\| `(\w+)` \| (\w+) /gm);
  return [...rows].map(([, name, kind]) => ({ name: name as string, kind: kind as string }));
}

async function scrape({ server, folder }: Subject, metrics: ReturnType<typeof documented>): Promise<Opinion> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder, 'prometheus.yaml');
  const target = new URL(server.url).host;
  writeFileSync(
    config,
    `global: { scrape_interval: 1s }\nscrape_configs: [{ job_name: csp, static_configs: [{ targets: ['${target}'] }] }]\n`,
  );
  const ask = async (query: string) => {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
    return ((await response.json()) as { data?: { result: { value: [number, string] }[] } }).data?.result ?? [];
  };
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, `prometheus-${port}`)}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const scraped = async () => {
    try {
      return (await ask('up{job="csp"} == 1')).length === 1;
    } catch {
      return false;
    }
  };
  // What has labels is there from the first time it happens.
  await empty(server.url);
  for await (const _ of performExamples(server.platform.catalog, rest(server.url, '/api')));
  const prometheus = await start(fromDebian('prometheus', 'prometheus'), args, scraped);
  try {
    const complaints: string[] = [];
    for (const { name, kind } of metrics) {
      const series = await ask(kind === 'histogram' ? `${name}_count` : name);
      if (series.length === 0) complaints.push(`${name}: no series`);
    }
    return { examined: `${metrics.length} documented metrics in a Prometheus that scraped them`, complaints };
  } finally {
    await prometheus.stop();
  }
}

export const prometheus: Judge = {
  name: 'prometheus',
  judge: (subject) => scrape(subject, documented()),
  control: (subject) => scrape(subject, [{ name: 'csp_never_there_total', kind: 'counter' }]),
};
