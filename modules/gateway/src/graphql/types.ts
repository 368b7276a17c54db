/**
 * GraphQL types from the JSON Schema of a row. What GraphQL cannot say (records, unions, anything) is the scalar `JSON`, and enumerations whose
 * words are no GraphQL names are `String`; the schema of the row stays what checks the values.
 */
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLString,
  Kind,
  type ValueNode,
} from 'graphql/index.js';

export interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly const?: unknown;
  readonly default?: unknown;
}

export const ANY = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON.',
  parseValue: (value) => value,
  parseLiteral: literalOf,
});

export const INTEGER = new GraphQLScalarType<number, number>({
  name: 'Integer',
  description: 'A whole number between -(2^53) and 2^53.',
  serialize: whole,
  parseValue: whole,
  parseLiteral: (node) => whole(node.kind === Kind.INT ? Number(node.value) : undefined),
});

function whole(value: unknown): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new TypeError('Expected a whole number.');
}

function literalOf(node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  switch (node.kind) {
    case Kind.VARIABLE:
      return variables?.[node.name.value];
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map((value) => literalOf(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literalOf(value, variables)]));
    default:
      return node.value;
  }
}

const NAME = /^(?!__)[_A-Za-z]\w*$/;

export function outputType(shape: Shape, name: string): GraphQLOutputType {
  const simple = simpleType(shape);
  if (simple !== undefined) return simple;
  if (shape.type === 'array' && shape.items !== undefined)
    return new GraphQLList(nonNull(outputType(shape.items, `${name}Item`), shape.items));
  if (!isRecord(shape)) return ANY;
  return new GraphQLObjectType({
    name,
    fields: Object.fromEntries(
      Object.entries(shape.properties).map(([property, inner]) => {
        const type = outputType(inner, name + capital(property));
        const description = inner.description === undefined ? {} : { description: inner.description };
        return [property, { type: shape.required?.includes(property) ? nonNull(type, inner) : type, ...description }];
      }),
    ),
  });
}

export function inputType(shape: Shape, name: string): GraphQLInputType {
  const simple = simpleType(shape);
  if (simple !== undefined) return simple;
  if (shape.type === 'array' && shape.items !== undefined)
    return new GraphQLList(nonNull(inputType(shape.items, `${name}Item`), shape.items));
  if (!isRecord(shape)) return ANY;
  return new GraphQLInputObjectType({ name, fields: inputFields(shape, name) });
}

/** Its properties, as arguments or as fields of an input object. */
export function inputFields(shape: Shape, name: string) {
  return Object.fromEntries(
    Object.entries(shape.properties ?? {}).map(([property, inner]) => {
      const type = inputType(inner, name + capital(property));
      const required = shape.required?.includes(property) === true && inner.default === undefined;
      const description = inner.description === undefined ? {} : { description: inner.description };
      return [property, { type: required ? nonNull(type, inner) : type, ...description }];
    }),
  );
}

/** JSON may be null, also where it is required. */
function nonNull<T extends GraphQLOutputType | GraphQLInputType>(type: T, shape: Shape): T {
  return (type === (ANY as unknown) || isNullable(shape) ? type : new GraphQLNonNull(type as never)) as T;
}

function isNullable({ type, anyOf }: Shape): boolean {
  return type === 'null' || anyOf?.some((one) => one.type === 'null') === true;
}

function simpleType({ type, const: constant }: Shape): GraphQLScalarType | undefined {
  switch (type ?? typeof constant) {
    case 'string':
      return GraphQLString;
    case 'integer':
      return INTEGER;
    case 'number':
      return GraphQLFloat;
    case 'boolean':
      return GraphQLBoolean;
    default:
      return undefined;
  }
}

function isRecord(shape: Shape): shape is Shape & { readonly properties: Readonly<Record<string, Shape>> } {
  const names = Object.keys(shape.properties ?? {});
  return shape.type === 'object' && names.length > 0 && names.every((property) => NAME.test(property));
}

/** `thing_id` becomes `ThingId`. */
export function capital(name: string): string {
  return name.replace(/(?:^|[._-])([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
