/**
 * The examples of the operation rows, performed over a surface: each after the examples it names, with the identifiers those have answered, and
 * together with the one that must happen beside it. The rows have the requests of the API reference as their examples, word for word.
 */
import type { Catalog, Example, Operation } from '@enhanced-csp/platform';

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field; what is missing fails the expectation
export type Answer = any;

/** One way to reach an operation from outside. Rejects when the answer is not a success. */
export interface Surface {
  readonly name: string;
  perform(operation: Operation, input: Record<string, unknown>): Promise<Answer>;
}

export interface Performed {
  readonly operation: Operation;
  readonly example: Example;
  readonly answer: Answer;
}

/** Every example of every row, one after another. */
export async function* performExamples(
  catalog: Pick<Catalog, 'operations'>,
  surface: Surface,
): AsyncGenerator<Performed> {
  for (const operation of catalog.operations())
    for (const example of operation.examples) {
      const known: Record<string, unknown> = {};
      for (const before of example.after ?? []) remember(known, await perform(find(catalog, before), known, surface));
      const beside = example.beside === undefined ? undefined : perform(find(catalog, example.beside), known, surface);
      const [answer] = await Promise.all([perform({ operation, example }, known, surface), beside]);
      yield { operation, example, answer };
      if (typeof known.channel_id === 'string') await clear(catalog, known.channel_id);
      else if (typeof answer.channel_id === 'string') await clear(catalog, answer.channel_id);
    }
}

interface Found {
  readonly operation: Operation;
  readonly example: Example;
}

function find(catalog: Pick<Catalog, 'operations'>, reference: string): Found {
  const [id, name] = reference.split('/');
  const operation = catalog.operations().find((one) => one.id === id);
  const example = operation?.examples.find((one) => name === undefined || one.name === name);
  if (operation === undefined || example === undefined) throw new Error(`There is no example ${reference}.`);
  return { operation, example };
}

function perform({ operation, example }: Found, known: Readonly<Record<string, unknown>>, surface: Surface) {
  const input = Object.entries(example.input as Record<string, unknown>);
  return surface.perform(
    operation,
    Object.fromEntries(input.map(([name, value]) => [name, actual(known, name, value)])),
  );
}

/** With the identifiers that were answered, where the example has its own: `process_id`, and the `processes` of a definition. */
function actual(known: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  if (name !== 'definition' || !isComposition(value)) return known[name] ?? value;
  return { ...value, processes: value.processes.map((id) => known.process_id ?? id) };
}

function isComposition(value: unknown): value is { readonly processes: readonly string[] } {
  return typeof value === 'object' && value !== null && 'processes' in value;
}

function remember(known: Record<string, unknown>, answer: Answer): void {
  for (const [name, value] of Object.entries(answer)) if (name.endsWith('_id')) known[name] = value;
}

/** Channels are found by name, and names are given once: what an example has made goes before the next one makes it again. */
async function clear({ operations }: Pick<Catalog, 'operations'>, channel_id: string): Promise<void> {
  const call = {
    principal: { id: 'contract', roles: [] },
    signal: new AbortController().signal,
    requestId: 'contract',
  };
  const run = (id: string, input: object) => {
    const operation = operations().find((one) => one.id === id) as Operation;
    return operation.run(operation.input.parse(input), call);
  };
  const left = (await run('channels.get', { channel_id }).catch(() => undefined)) as { buffered: number } | undefined;
  for (let count = left?.buffered ?? 0; count > 0; count--) await run('channels.receive', { channel_id, timeout: 0 });
  if (left !== undefined) await run('channels.delete', { channel_id });
}
