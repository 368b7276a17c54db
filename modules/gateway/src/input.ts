/**
 * The input of an operation: path, query and body in one object, checked by the schema of its row.
 */
import { Fault, nearest, type Operation } from '@enhanced-csp/platform';
import { z } from 'zod';
import type { FieldError } from './problem.ts';

export interface Sources {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly body: unknown;
}

/** @throws Fault `CSP-GTW-001` with the places that are wrong. */
export type InputReader = (sources: Sources) => unknown;

/** The reader of one operation. Path and query arrive as text and are read as what the schema says they are. */
export function inputReader(operation: Operation): InputReader {
  let properties: Readonly<Record<string, JsonSchema>> | undefined;
  return (sources) => {
    if (sources.body !== undefined && !isRecord(sources.body))
      throw wrong(operation, [{ pointer: '', in: 'body', detail: 'Expected an object.' }]);
    const body = sources.body ?? {};
    properties ??= propertiesOf(operation);
    const merged: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(sources.query)) merged[name] = fromText(value, properties[name]);
    Object.assign(merged, body);
    for (const [name, value] of Object.entries(sources.path)) {
      const read = fromText(value, properties[name]);
      if (Object.hasOwn(body, name) && body[name] !== read)
        throw wrong(operation, [
          { pointer: `/${name}`, in: 'body', detail: `The path says ${value}; the body says something else.` },
        ]);
      merged[name] = read;
    }
    const parsed = operation.input.safeParse(merged);
    if (parsed.success) return parsed.data;
    const known = Object.keys(properties);
    throw wrong(
      operation,
      parsed.error.issues.flatMap((issue) => fieldErrors(issue, sources, known)),
    );
  };
}

interface JsonSchema {
  readonly type?: string;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

function propertiesOf(operation: Operation): Readonly<Record<string, JsonSchema>> {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, JsonSchema>;
  };
  return schema.properties ?? {};
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Text as the schema wants it; what does not fit stays text, so that the schema can say what is wrong with it. */
function fromText(text: string | readonly string[], schema: JsonSchema | undefined): unknown {
  const types = [schema?.type, ...(schema?.anyOf ?? []).map((one) => one.type)];
  if (types.includes('array')) return [text].flat().map((one) => fromText(one, schema?.items));
  if (typeof text !== 'string') return text;
  if ((types.includes('integer') || types.includes('number')) && NUMBER.test(text)) return Number(text);
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function fieldErrors(issue: z.core.$ZodIssue, sources: Sources, known: readonly string[]): readonly FieldError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const near = issue.path.length === 0 ? nearest(key, known) : undefined;
      return {
        ...place([...issue.path, key], sources),
        detail: `Unknown property.${near ? ` Did you mean ${near}?` : ''}`,
      };
    });
  return [{ ...place(issue.path, sources), detail: issue.message }];
}

function place(path: readonly PropertyKey[], sources: Sources): Pick<FieldError, 'pointer' | 'in'> {
  const first = String(path[0] ?? '');
  const where = Object.hasOwn(sources.path, first) ? 'path' : Object.hasOwn(sources.query, first) ? 'query' : 'body';
  return {
    pointer: path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    in: where,
  };
}

function wrong(operation: Operation, errors: readonly FieldError[]): Fault {
  const [first] = errors;
  const more = errors.length > 1 ? ` And ${errors.length - 1} more.` : '';
  const at = first === undefined || first.pointer === '' ? 'The input' : first.pointer;
  return new Fault('CSP-GTW-001', 'invalid', `${operation.id}: ${at}: ${first?.detail ?? 'wrong'}${more}`, {
    details: { errors },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
