/** What a running platform says of its own interface. */
import { describedIn, type OpenApiDocument } from '@enhanced-csp/client/document';
import { fetchFrom } from '../client.ts';
import type { DescribedOperation } from '../commands/operations.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

const PATIENCE_MS = 10_000;

export async function operationsOfPlatform(url: string): Promise<readonly DescribedOperation[]> {
  const document = (await documentAt(url, '/openapi.json')) as OpenApiDocument;
  return Object.entries(describedIn(document)).map(([id, described]) => ({ id, ...described }));
}

export type Topic = {
  /** `channel.{channel_id}` */
  readonly topic: string;
  readonly summary: string;
};

export async function topicsOfPlatform(url: string): Promise<readonly Topic[]> {
  const document = (await documentAt(url, '/asyncapi.json')) as { readonly 'x-topics'?: readonly Topic[] };
  return (document['x-topics'] ?? []).map(({ topic, summary }) => ({ topic, summary }));
}

/** @throws CommandFailed when nobody answers, or something that is no platform. */
async function documentAt(url: string, path: string): Promise<unknown> {
  const answer = await fetchFrom(url)(`${url}${path}`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const document: unknown = answer.ok ? await answer.json().catch(() => undefined) : undefined;
  if (typeof document === 'object' && document !== null && ('openapi' in document || 'asyncapi' in document))
    return document;
  throw new CommandFailed(EXIT.unreachable, `${url}${path} answers ${answer.status}: is it a platform?`);
}
