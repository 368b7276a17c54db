/** `docs/cli.md` is what the commands say of themselves: `npx vitest run apps/cli/src/manual.test.ts -u` writes it anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Application, type CommandContext, generateHelpTextForAllCommands } from '@stricli/core';
import { expect, test } from 'vitest';
import { application } from './app.ts';
import { EXIT } from './exit-codes.ts';

/** Writing help needs nothing of what a command needs. */
const HELP = generateHelpTextForAllCommands(application as unknown as Application<CommandContext>);
const FILE = join(import.meta.dirname, '../../../docs/cli.md');
const MEANING: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done; every property holds; healthy',
  propertyFails: 'a property or a check fails; degraded',
  usage: 'the command was called wrongly',
  notFound: 'no such file, record, key, context or platform',
  conflict: 'the port or the folder is taken; the record is in another state or version',
  invalidInput: 'a script, a value or the configuration is wrong',
  unreachable: 'nobody answers, or not now',
  denied: 'not allowed, or switched off',
  timedOut: 'undecided or not done within the limits',
  defect: 'a mistake in csp itself',
};

test('docs/cli.md', async () => {
  const codes = Object.entries(EXIT).map(([name, code]) => `| ${code} | ${MEANING[name as keyof typeof EXIT]} |`);
  const commands = HELP.map(([route, help]) => `## ${route}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n`);
  const page = `# The command

Written from the commands themselves. Data goes to standard output, words to standard error; \`--json\` prints one document, or one a line where there is no end. Colors only on a
terminal, and not with \`NO_COLOR\`. Commands about a running platform ask \`--url\`, else \`--context\`, else the context in use, else http://127.0.0.1:8000.

| exit status | meaning |
| --- | --- |
${codes.join('\n')}
| 130, 143 | interrupted a second time before it had stopped |

${commands.join('\n')}`;
  await expect(page).toMatchFileSnapshot(FILE);
});

test('every command prints JSON when it is asked to, and its help begins with an example', () => {
  for (const [route, help] of HELP) {
    if (route === 'csp' || / \.\.\.$/m.test(help.split('\n\n')[0] ?? '')) continue;
    expect(help, route).toContain('--json');
    const [, first = ''] = help.split(/--help\n\n/);
    expect(first, route).toMatch(/^ {2}(source <\()?csp /);
  }
  expect(readFileSync(FILE, 'utf8').match(/^## /gm)?.length).toBeGreaterThan(40);
});
