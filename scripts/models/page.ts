/** What `docs/models.md` says, read from the heads of the models and from the checker. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { check, conversationOf, type Report } from '@enhanced-csp/engine';

export interface Model {
  readonly name: string;
  readonly source: string;
  /** Its first comment, joined to one line. */
  readonly head: string;
  readonly report: Report;
}

/** Every model of `folder`, checked. */
export function modelsOf(folder: string): readonly Model[] {
  return globSync('*.csp', { cwd: folder })
    .sort()
    .map((file) => {
      const source = readFileSync(join(folder, file), 'utf8');
      const report = check(source, { file, now: () => performance.now(), stateCountMax: 1_000_000 });
      return { name: basename(file, '.csp'), source, head: headOf(source), report };
    });
}

export function pagesOfModels(folder: string): string {
  const rows = modelsOf(folder).map((model) => {
    const { title, origin, verdict } = partsOf(model.head);
    const { assertions } = model.report;
    const refuted = assertions.filter((a) => a.negated).length;
    const states = Math.max(...assertions.map((a) => a.states)).toLocaleString('en-US');
    const roles = conversationOf(model.source)?.roles.join(', ') ?? '';
    const cells = [
      `[${model.name}](../models/${model.name}.csp) ${title}`,
      origin,
      verdict,
      roles,
      `${assertions.length - refuted} + ${refuted}`,
      states,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '# Models',
    '',
    'Written by `scripts/models.ts` from the models and from what the checker finds; a test holds it to that. A model with roles is a conversation:',
    '`npx csp run models/request.csp` holds it. The counts are of assertions that hold and of assertions, written `assert not`, that are refuted;',
    'the states are those of the largest check when this was written.',
    '',
    '| model | source | verdict | roles | hold + refuted | states |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function headOf(source: string): string {
  const lines = source.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('-- '));
  return lines
    .slice(0, end)
    .map((line) => line.slice(3).trim())
    .join(' ');
}

function partsOf(head: string): { title: string; origin: string; verdict: string } {
  const [, title = head, origin = '', verdict = ''] = /^(.*?)(?: Source: (.*?) Verdict: (.*))?$/.exec(head) ?? [];
  const sentence = verdict === '' ? '' : verdict[0]!.toUpperCase() + verdict.slice(1);
  return { title, origin, verdict: sentence };
}
