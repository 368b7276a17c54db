/** The tables by which the gateway watches its connections are those of its script. `-u` writes them anew. */
import { readFileSync } from 'node:fs';
import { openProtocol } from '@enhanced-csp/engine';
import { tableOf } from '@enhanced-csp/engine/lts';
import { expect, test } from 'vitest';

test('they are what the script says', async () => {
  const source = readFileSync('modules/gateway/protocol.csp', 'utf8');
  const tables = ['ANSWERS', 'PUBLISHES', 'TOPIC'].map((system) => {
    const opened = openProtocol({ source, system, roles: [] }, { file: 'protocol.csp' });
    if (opened.kind !== 'open') throw new Error(opened.diagnostics[0]?.message);
    const { events, initial, nodes } = tableOf(opened.protocol.normalForm)!;
    return [system, { events, initial, nodes }] as const;
  });
  const text = `/** The processes of \`protocol.csp\` that are watched, as tables: made by \`npx vitest run tests/session-tables.test.ts -u\`. */
export const SESSION_TABLES =
  '${JSON.stringify(Object.fromEntries(tables))}';
`;
  await expect(text).toMatchFileSnapshot('../modules/gateway/src/session-tables.ts');
});
