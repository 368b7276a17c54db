/** `docs/configuration.md`, written from the schema; a test holds the file to it. */
import { type ConfigurationKey, configurationKeys } from './keys.ts';

export function configurationPage(): string {
  const keys = configurationKeys();
  const working = keys.filter(({ withoutEffect }) => withoutEffect === undefined);
  const waiting = keys.filter(({ withoutEffect }) => withoutEffect !== undefined);
  return `# Configuration

Written from the schema in \`platform/src/config\`. Earlier wins: flags, environment, \`.env.local\`, \`.env\`, the file (\`csp.yaml\`, or that of \`--config\`), defaults.

\`\`\`sh
csp config check                 # every mistake with its place
csp config print --effective     # every key with its value and where it comes from; secrets masked
csp config explain log.level     # who set it, and who else tried
\`\`\`

A key stands in YAML as sections (\`log: { level: warn }\`), in the environment as its variable. An unknown key is an error that names the nearest known one; in the environment of the
process, where others may use the prefix, a warning. Lists are lists in YAML, and words separated by spaces in a variable.

| key | variable | value | default | meaning |
| --- | --- | --- | --- | --- |
${working.map(row).join('\n')}

## Other names

Names of the guide mean the same keys. Setting one key by two names in one source is an error.

| name | key |
| --- | --- |
${keys.flatMap(({ path, aliases }) => aliases.map((alias) => `| \`${alias}\` | \`${path}\` |`)).join('\n')}

## Without effect in this version

These are read and checked, and whoever sets one is told (\`CSP-CFG-007\`), at every start and by \`csp config check\`. Setting one to \`false\` is what is the case anyway. Variables without
the prefix \`CSP_\` in the environment of the process may be meant for other programs: no notice.

| key | variable | value | why |
| --- | --- | --- | --- |
${waiting.map((key) => `| \`${key.path}\` | \`${key.env}\` | ${valuesOf(key)} | ${key.withoutEffect} |`).join('\n')}
`;
}

function row(key: ConfigurationKey): string {
  const { path, env, description } = key;
  return `| \`${path}\` | \`${env}\` | ${valuesOf(key)} | ${defaultOf(key)} | ${description} |`;
}

function valuesOf({ type, values, secret }: ConfigurationKey): string {
  if (values !== undefined) return values.join(', ');
  return secret === false ? type : `${type}, secret`;
}

function defaultOf({ default: value }: ConfigurationKey): string {
  if (value === undefined || value === '') return '';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(' ');
  return `\`${value}\``;
}
