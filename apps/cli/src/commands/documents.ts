/** `csp openapi print`, `csp graphql print`: the interface as a document, of a running platform or of this version. */
import { buildCommand, buildRouteMap } from '@stricli/core';
import type { Context } from '../context.ts';
import { remoteFlags } from './operations.ts';

export interface Flags {
  readonly url: string | undefined;
  readonly context: string | undefined;
  readonly json: boolean;
}

const command = (name: 'openapi' | 'graphql', brief: string) =>
  buildRouteMap({
    routes: {
      print: buildCommand<Flags, [], Context>({
        docs: {
          brief,
          fullDescription: [
            `  csp ${name} print`,
            `  csp ${name} print --url http://127.0.0.1:8000`,
            `  csp ${name} print --context production`,
            '',
            'Without --url and --context: that of this version, without a running platform.',
          ].join('\n'),
        },
        parameters: { flags: remoteFlags },
        loader: async () => {
          const { printDocument } = await import('../actions/documents.ts');
          return function (this: Context, flags: Flags) {
            return printDocument(this, name, flags);
          };
        },
      }),
    },
    docs: { brief },
  });

export const openapiCommand = command('openapi', 'The REST interface as an OpenAPI document');
export const graphqlCommand = command('graphql', 'The GraphQL interface as a schema');
