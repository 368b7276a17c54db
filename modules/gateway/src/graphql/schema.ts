/**
 * The GraphQL schema, made from the rows: operations that read are queries, the others mutations, streams subscriptions. It is checked when it is made.
 */
import type { Catalog, Notifications, Operation, Stream } from '@enhanced-csp/platform';
import {
  assertValidSchema,
  GraphQLBoolean,
  type GraphQLFieldConfig,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql/index.js';
import { z } from 'zod';
import { parametersOf } from '../path.ts';
import { follow } from './follow.ts';
import { ANY, capital, INTEGER, inputFields, outputType, type Shape } from './types.ts';

/** What a request brings along. */
export interface Context {
  /** Performs an operation for whoever asks; throws a GraphQL error for each fault. */
  run(operation: Operation, input: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Throws a GraphQL error when whoever asks may not subscribe to the topic. */
  listen(stream: Stream, topic: string, parameters: Readonly<Record<string, unknown>>): void;
}

export function graphqlSchema(catalog: Catalog, notifications: Notifications): GraphQLSchema {
  // A batch is what GraphQL is by itself.
  const operations = catalog.operations().filter(({ id }) => id !== 'batch.perform');
  const fields = (wanted: (operation: Operation) => boolean) =>
    Object.fromEntries(
      operations.filter(wanted).map((operation) => [fieldName(operation.id), operationField(operation)]),
    );
  const reads = (operation: Operation) => operation.route.startsWith('GET ');
  const subscriptions = catalog
    .streams()
    .map((stream) => [streamName(stream.topic), streamField(stream, notifications)]);
  const query = fields(reads);
  const mutation = fields((operation) => !reads(operation));
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: Object.keys(query).length === 0 ? { version: { type: GraphQLString, resolve: () => null } } : query,
    }),
    ...(Object.keys(mutation).length === 0
      ? {}
      : { mutation: new GraphQLObjectType({ name: 'Mutation', fields: mutation }) }),
    ...(subscriptions.length === 0
      ? {}
      : { subscription: new GraphQLObjectType({ name: 'Subscription', fields: Object.fromEntries(subscriptions) }) }),
  });
  assertValidSchema(schema);
  return schema;
}

function operationField(operation: Operation): GraphQLFieldConfig<unknown, Context> {
  const name = capital(operation.id);
  const output = outputType(shapeOf(operation.output, 'output'), `${name}Output`);
  return {
    description:
      operation.description === undefined ? operation.summary : `${operation.summary}. ${operation.description}`,
    type: output === ANY ? output : new GraphQLNonNull(output),
    args: inputFields(shapeOf(operation.input, 'input'), `${name}Input`),
    resolve: (_, input, { run }) => run(operation, input),
  };
}

const Notification = new GraphQLObjectType({
  name: 'Notification',
  fields: {
    channel: { type: new GraphQLNonNull(GraphQLString) },
    seq: { type: new GraphQLNonNull(INTEGER), description: 'Counts from 1 within a topic.' },
    at: { type: GraphQLString },
    data: { type: ANY },
    gap: {
      type: new GraphQLNonNull(GraphQLBoolean),
      description: 'Something after `seq` is not kept any more; the next notification comes after the gap.',
    },
  },
});

function streamField(stream: Stream, notifications: Notifications): GraphQLFieldConfig<unknown, Context> {
  const parameters = parametersOf(stream.topic);
  return {
    description: stream.summary,
    type: new GraphQLNonNull(Notification),
    args: {
      ...Object.fromEntries(parameters.map((parameter) => [parameter, { type: new GraphQLNonNull(GraphQLString) }])),
      since: { type: INTEGER, description: 'The last sequence number seen.' },
    },
    subscribe: (_, { since, ...named }: Readonly<Record<string, unknown>>, { listen }) => {
      const topic = stream.topic.replace(/\{([^}]+)\}/g, (_, parameter: string) => String(named[parameter]));
      listen(stream, topic, named);
      return follow(notifications, topic, since as number | null | undefined);
    },
    resolve: (notification) => notification,
  };
}

function shapeOf(schema: z.ZodType, io: 'input' | 'output'): Shape {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Shape;
}

/** `processes.create` becomes `processesCreate`. */
export function fieldName(id: string): string {
  const name = capital(id);
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** `process.{process_id}` becomes `process`, `process_events` `processEvents`. */
function streamName(topic: string): string {
  return fieldName(topic.replace(/\.?\{[^}]+\}/g, ''));
}
