/** The work of `csp openapi` and `csp graphql`, loaded when the command is called. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@enhanced-csp/server';
import { fetchFrom } from '../client.ts';
import type { Flags } from '../commands/documents.ts';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

const PATHS = { openapi: '/openapi.json', graphql: '/schema.graphql' };

export async function printDocument(context: Context, name: keyof typeof PATHS, flags: Flags): Promise<void> {
  const remote = flags.url !== undefined || flags.context !== undefined;
  const text = remote ? await textAt(urlOf(flags, context.env), PATHS[name]) : await textOfThisVersion(PATHS[name]);
  context.print(flags.json && name === 'graphql' ? JSON.stringify({ schema: text }) : text.trimEnd());
}

async function textAt(url: string, path: string): Promise<string> {
  const answer = await fetchFrom(url)(new URL(path, url));
  if (!answer.ok)
    throw new CommandFailed(EXIT.unreachable, `${url}${path} answers ${answer.status}: is it a platform?`);
  return answer.text();
}

/** The documents follow from the assembled modules: so they are assembled, in a folder that is gone afterwards. */
async function textOfThisVersion(path: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'csp-documents-'));
  try {
    const server = await startServer({ folder, env: {}, flags: { port: 0, 'log.level': 'silent' } });
    try {
      return await textAt(server.url, path);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
