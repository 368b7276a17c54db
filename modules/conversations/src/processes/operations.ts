/** Operation rows of processes, with the requests of the API reference as their examples. */
import {
  type Catalog,
  createdInput,
  defineOperation,
  LIST_ERRORS,
  listInput,
  listOutput,
  type Operation,
} from '@enhanced-csp/platform';
import { z } from 'zod';
import { assertion, BEHAVIOR, CHANNELS, diagnostic, identifier, name, timestamp } from '../schemas.ts';
import { OPERATORS, type Operator, PART_COUNT } from './composition.ts';
import { kindsOf, specified } from './process-kinds.ts';
import type { LogEntry } from './process-log.ts';
import { type Draft, type ProcessBody, typeOf } from './process-record.ts';
import type { Processes } from './processes.ts';

const status = z.enum(['created', 'verified', 'running', 'stopped', 'terminated', 'failed']);

const type = z.string().max(200).describe('`atomic`, `composite`, or the name of a kind that a module brings.');

const verdict = z.enum(['ill-formed', 'well-formed', 'holds', 'fails', 'unknown']);

const created = z.object({
  process_id: z.string(),
  name: z.string(),
  type,
  status,
  created_at: timestamp,
  verdict: verdict.describe('Only a process that holds may run; `start` verifies it.'),
  diagnostics: z.array(diagnostic),
  translation: z
    .object({ cspm: z.string(), notes: z.array(z.string()) })
    .optional()
    .describe('What a step list, a composition, or a process of a kind of a module means in CSPM.'),
});

const state = created.extend({
  updated_at: timestamp,
  config: z.unknown().optional().describe('Of a process of a kind of a module: what it was specified from.'),
  definition: z.object({
    inputs: z.array(z.string()).describe('Of a composite: channels on which it receives from outside.'),
    outputs: z.array(z.string()).describe('Of a composite: channels on which it sends to the outside.'),
    behavior: z.string().optional().describe('Of an atomic process.'),
    operator: z.enum(OPERATORS).optional().describe('Of a composite.'),
    processes: z.array(z.string()).optional().describe('Of a composite: what it was made from, by copy.'),
    synchronize: z.array(z.string()).optional(),
    hide: z.array(z.string()).optional(),
    rename: z.record(z.string(), z.string()).optional(),
  }),
  assertions: z.array(assertion),
  channels: z.record(z.string(), z.string()).describe('Identifiers of its channels, by name.'),
  reason: z.string().optional().describe('Why it failed.'),
  version: z.int().optional().describe('Changes of the record so far, for If-Match; absent while it runs.'),
  metadata: z.object({
    cpu_usage: z.number().optional().describe('Percent of one processor since it was started; while it runs.'),
    memory_usage: z
      .number()
      .optional()
      .describe('Megabytes of its own: the table of its behavior, and the messages its parts hold; while it runs.'),
    cpu_milliseconds: z.number(),
    events_processed: z.int(),
  }),
});

/** What must have happened before most of the examples. */
const CREATED = ['processes.create/the user guide: step notation'];
const COMPOSED = [...CREATED, 'processes.create/a composite: one after the other'];
const RUNNING = [...CREATED, 'processes.start'];

const byId = z.strictObject({ process_id: z.string() });
const definition = z
  .strictObject({
    inputs: CHANNELS.describe('Of an atomic process.'),
    outputs: CHANNELS.describe('Of an atomic process.'),
    behavior: BEHAVIOR.optional().describe('Of an atomic process: its steps, or a process expression of CSPM.'),
    operator: z.enum(OPERATORS).optional().describe('Of a composite process.'),
    processes: z
      .array(z.string().max(200))
      .max(16)
      .optional()
      .describe(
        'Of a composite process: identifiers of its parts, atomic or composite. They are copied as they are now.',
      ),
    synchronize: z
      .array(identifier)
      .max(100)
      .optional()
      .describe(
        'Of parallel: channels on which parts that share them communicate together. Without it: all they share.',
      ),
    hide: z
      .array(identifier)
      .min(1)
      .max(100)
      .optional()
      .describe('Of hiding, and of parallel: channels that nobody outside sees.'),
    rename: z.record(identifier, identifier).optional().describe('Of renaming: the new names of channels, by the old.'),
  })
  .superRefine(({ operator, processes, behavior, inputs, outputs, ...options }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (operator === undefined) {
      if (behavior === undefined) wrong('behavior', 'an atomic process has a behavior, and a composite an operator');
      if (processes !== undefined) wrong('operator', `say how they are composed: ${OPERATORS.join(', ')}`);
    } else {
      if (behavior !== undefined) wrong('behavior', 'the behavior of a composite is that of its parts');
      if (inputs.length + outputs.length > 0) wrong('inputs', 'the channels of a composite are those of its parts');
      const [least, most] = PART_COUNT[operator];
      const count = processes?.length ?? 0;
      if (count < least || count > most)
        wrong('processes', `${operator} takes ${least === most ? least : `${least} to ${most}`} of them`);
    }
    for (const [option, { of, needed }] of Object.entries(OPTIONS)) {
      const given = options[option as keyof typeof options] !== undefined;
      if (given && !of.some((one) => one === operator)) wrong(option, `only for ${of.join(' and ')}`);
      if (!given && needed.some((one) => one === operator)) wrong(option, `${operator} needs it`);
    }
  });

/** Which operators take what. */
const OPTIONS: Readonly<
  Record<'synchronize' | 'hide' | 'rename', { of: readonly Operator[]; needed: readonly Operator[] }>
> = {
  synchronize: { of: ['parallel'], needed: [] },
  hide: { of: ['hiding', 'parallel'], needed: ['hiding'] },
  rename: { of: ['renaming'], needed: ['renaming'] },
};

type Definition = z.output<typeof definition>;

const creation = z
  .strictObject({
    name,
    type: type.default('atomic'),
    definition: definition.optional().describe('Of an atomic or composite process.'),
    config: z.record(z.string(), z.json()).optional().describe('Of a process of a kind that a module brings.'),
  })
  .superRefine(({ type, definition, config }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (type !== 'atomic' && type !== 'composite') {
      if (definition !== undefined) wrong('definition', `${type} makes it from config`);
    } else if (definition === undefined) wrong('definition', `a process that is ${type} has one`);
    else {
      if ((type === 'composite') !== (definition.operator !== undefined))
        wrong('type', 'composite with an operator in the definition, atomic without');
      if (config !== undefined) wrong('config', `only for kinds that modules bring; ${type} has a definition`);
    }
  });
type Created = z.output<typeof creation>;
const range = z.strictObject({
  process_id: z.string(),
  from: z.int().min(0).default(0).describe('The first sequence number wanted.'),
  limit: z.int().min(1).max(1000).default(100),
});
const slice = {
  process_id: z.string(),
  oldest: z.int().describe('The first entry that is kept; a process keeps its last 1000.'),
  next: z.int().describe('Where to go on.'),
};
const place = { sequence: z.int(), at: timestamp };

export function processOperations(processes: Processes, catalog: Catalog): Operation[] {
  const draft = ({ type, definition, config }: Created): Draft =>
    definition === undefined ? specified(catalog, type, config) : draftOf(definition);
  const full = (body: ProcessBody) => stateOf(body, processes.usage(body.process_id));
  return [
    defineOperation({
      id: 'processes.create',
      summary: 'Create a process',
      description:
        'An atomic process has a behavior: step notation (`RECEIVE a -> SEND b -> STOP`) or a process expression of CSPM over the channels named as inputs and outputs; it may call itself `PROCESS`. An ill-formed behavior is kept with its diagnostics, and cannot be started. A composite process joins other processes by an operator of CSP: it is verified as a whole (`translation` says what it means), what its parts communicate among themselves it does alone, and later changes of the parts do not change it. Any other `type` is a kind that a module brings: it makes the behavior from `config`, which then is examined, verified and run like one that was written.',
      route: 'POST /processes',
      outcome: 'created',
      input: creation,
      output: created,
      errors: ['CSP-CNV-003', 'CSP-CNV-013', 'CSP-CNV-016', 'CSP-CNV-017', 'CSP-CNV-023', 'CSP-CNV-024', 'CSP-CNV-025'],
      permission: 'processes:create',
      rateClass: 'verify',
      idempotent: false,
      examples: [
        {
          name: 'the user guide: step notation',
          input: {
            name: 'hello_world_process',
            definition: {
              inputs: ['user_input'],
              outputs: ['response'],
              behavior: 'RECEIVE user_input -> \nSEND response -> \nSTOP\n',
            },
          },
          output: {
            status: 'created',
            verdict: 'well-formed',
            translation: { cspm: 'user_input?x -> response!x -> SKIP' },
          },
        },
        {
          name: 'a composite: one after the other',
          after: CREATED,
          input: {
            name: 'hello_twice',
            type: 'composite',
            definition: { operator: 'sequential', processes: ['proc_123456', 'proc_123456'] },
          },
          output: { name: 'hello_twice', type: 'composite', status: 'created', verdict: 'well-formed' },
        },
        {
          name: 'a composite: on another channel',
          after: CREATED,
          input: {
            name: 'hello_to_everyone',
            type: 'composite',
            definition: { operator: 'renaming', processes: ['proc_123456'], rename: { response: 'announcement' } },
          },
          output: { type: 'composite', verdict: 'well-formed' },
        },
        {
          name: 'the API reference: ill-formed, and told so',
          input: {
            name: 'my_process',
            type: 'atomic',
            definition: { inputs: ['channel_a'], outputs: ['channel_b'], behavior: 'STOP -> SKIP' },
          },
          output: { name: 'my_process', type: 'atomic', status: 'created', verdict: 'ill-formed' },
        },
      ],
      async plan(input) {
        const { output, ...plan } = await processes.planCreate({ name: input.name, ...draft(input) });
        return { ...plan, output: createdOf(output) };
      },
      async run(input) {
        return createdOf(await processes.create({ name: input.name, ...draft(input) }));
      },
    }),
    // Before the row at `{process_id}`, which its path would fit as well.
    defineOperation({
      id: 'processes.kinds',
      summary: 'List the kinds of processes that can be created',
      route: 'GET /processes/kinds',
      input: z.strictObject({}),
      output: z.object({
        kinds: z.array(
          z.object({
            type: z.string(),
            description: z.string(),
            config: z
              .unknown()
              .optional()
              .describe('Of a kind that a module brings: JSON Schema of its configuration.'),
          }),
        ),
      }),
      errors: [],
      permission: 'processes:read',
      rateClass: 'read',
      idempotent: true,
      examples: [{ name: 'all', input: {} }],
      run: async () => ({ kinds: kindsOf(catalog) }),
    }),
    defineOperation({
      id: 'processes.get',
      summary: 'Get a process',
      route: 'GET /processes/{process_id}',
      input: byId,
      output: state,
      errors: ['CSP-CNV-003'],
      permission: 'processes:read',
      rateClass: 'read',
      idempotent: true,
      examples: [
        {
          name: 'the API reference',
          after: RUNNING,
          input: { process_id: 'proc_123456' },
          output: { type: 'atomic', status: 'running', metadata: { events_processed: 0 } },
        },
      ],
      version: ({ version }) => version,
      run: async ({ process_id }) => full(await processes.get(process_id)),
    }),
    defineOperation({
      id: 'processes.update',
      summary: 'Change a process that was never started',
      description:
        'Its name, its definition, or both; what it says is examined anew. With If-Match only if nobody else changed it since.',
      route: 'PATCH /processes/{process_id}',
      input: z
        .strictObject({ process_id: z.string(), name: name.optional(), definition: definition.optional() })
        .refine(
          ({ name, definition }) => name !== undefined || definition !== undefined,
          'a name, a definition, or both',
        ),
      output: state,
      errors: ['CSP-CNV-003', 'CSP-CNV-009', 'CSP-CNV-013', 'CSP-CNV-016', 'CSP-CNV-017', 'CSP-PLT-006'],
      permission: 'processes:create',
      rateClass: 'verify',
      idempotent: true,
      examples: [
        {
          name: 'another name',
          after: CREATED,
          input: { process_id: 'proc_123456', name: 'my_other_process' },
          output: { name: 'my_other_process', status: 'created' },
        },
      ],
      version: ({ version }) => version,
      async run({ process_id, name, definition }, call) {
        const change = { name, draft: definition && draftOf(definition) };
        return full(await processes.update(process_id, change, call));
      },
    }),
    defineOperation({
      id: 'processes.events',
      summary: 'List what a process did: changes of status, and events',
      description: 'The last 1000 entries are kept. As server-sent events it goes on with what comes.',
      route: 'GET /processes/{process_id}/events',
      input: range,
      output: z.object({
        ...slice,
        events: z.array(
          z.object({
            ...place,
            kind: z.enum(['status', 'event']),
            status: z.string().optional(),
            reason: z.string().optional(),
            event: z.string().optional(),
            events_processed: z.int().optional(),
          }),
        ),
      }),
      errors: ['CSP-CNV-003'],
      permission: 'processes:read',
      rateClass: 'read',
      idempotent: true,
      examples: [
        { name: 'from the beginning', after: CREATED, input: { process_id: 'proc_123456', from: 0, limit: 100 } },
      ],
      async run({ process_id, from, limit }) {
        const { entries, ...where } = await processes.entries(process_id, { from, limit });
        return { process_id, ...where, events: [...entries] };
      },
    }),
    defineOperation({
      id: 'processes.trace',
      summary: 'Get the trace of a process: the events it performed, in order',
      route: 'GET /processes/{process_id}/trace',
      input: range,
      output: z.object({
        ...slice,
        trace: z.array(
          z.object({ ...place, event: z.string(), number: z.int().describe('Counts its events from 1.') }),
        ),
      }),
      errors: ['CSP-CNV-003'],
      permission: 'processes:read',
      rateClass: 'read',
      idempotent: true,
      examples: [
        { name: 'from the beginning', after: RUNNING, input: { process_id: 'proc_123456' }, output: { trace: [] } },
      ],
      async run({ process_id, from, limit }) {
        const { entries, ...where } = await processes.entries(process_id, { from, limit });
        const trace = entries.flatMap((entry) =>
          entry.kind === 'event'
            ? [{ sequence: entry.sequence, at: entry.at, event: entry.event, number: entry.events_processed }]
            : [],
        );
        return { process_id, ...where, trace };
      },
    }),
    defineOperation({
      id: 'processes.logs',
      summary: 'Get the log of a process, in words',
      route: 'GET /processes/{process_id}/logs',
      input: range,
      output: z.object({
        ...slice,
        logs: z.array(z.object({ ...place, level: z.enum(['info', 'error']), message: z.string() })),
      }),
      errors: ['CSP-CNV-003'],
      permission: 'processes:read',
      rateClass: 'read',
      idempotent: true,
      examples: [{ name: 'from the beginning', after: RUNNING, input: { process_id: 'proc_123456' } }],
      async run({ process_id, from, limit }) {
        const { entries, ...where } = await processes.entries(process_id, { from, limit });
        return { process_id, ...where, logs: entries.map(lineOf) };
      },
    }),
    defineOperation({
      id: 'processes.list',
      summary: 'List processes',
      route: 'GET /processes',
      input: z.strictObject({
        ...listInput,
        ...createdInput,
        status: status.optional(),
        name: name.optional(),
        type: type.optional(),
        verdict: verdict.optional(),
      }),
      output: z.object({
        processes: z.array(z.object({ process_id: z.string(), name: z.string(), type, status })),
        ...listOutput,
      }),
      errors: LIST_ERRORS,
      permission: 'processes:read',
      rateClass: 'read',
      idempotent: true,
      examples: [
        {
          name: 'the API reference',
          input: { status: 'running', limit: 10, offset: 0 },
          output: { limit: 10, offset: 0 },
        },
      ],
      async run(query) {
        const { records, page } = await processes.list(query);
        return {
          processes: records.map(({ body }) => ({
            process_id: body.process_id,
            name: body.name,
            type: typeOf(body),
            status: body.status,
          })),
          ...page,
        };
      },
    }),
    defineOperation({
      id: 'processes.start',
      summary: 'Start a process',
      description:
        'Verifies it first: nothing runs that was not checked. Channels of its alphabet that do not exist are made, synchronous.',
      route: 'POST /processes/{process_id}/start',
      input: byId,
      output: state,
      errors: ['CSP-CNV-003', 'CSP-CNV-008', 'CSP-CNV-009', 'CSP-CNV-013', 'CSP-CNV-016'],
      permission: 'processes:run',
      rateClass: 'verify',
      idempotent: false,
      examples: [
        {
          name: 'the API reference',
          after: CREATED,
          input: { process_id: 'proc_123456' },
          output: { status: 'running', verdict: 'holds' },
        },
        {
          name: 'a composite',
          after: COMPOSED,
          input: { process_id: 'proc_123456' },
          output: { type: 'composite', status: 'running', verdict: 'holds' },
        },
      ],
      run: async ({ process_id }) => full(await processes.start(process_id)),
    }),
    defineOperation({
      id: 'processes.stop',
      summary: 'Stop a process',
      description: 'Its offers are withdrawn; a communication that has begun is finished first.',
      route: 'POST /processes/{process_id}/stop',
      input: byId,
      output: state,
      errors: ['CSP-CNV-003', 'CSP-CNV-009', 'CSP-CNV-016'],
      permission: 'processes:run',
      rateClass: 'write',
      idempotent: false,
      examples: [
        {
          name: 'the API reference',
          after: RUNNING,
          input: { process_id: 'proc_123456' },
          output: { status: 'stopped' },
        },
      ],
      run: async ({ process_id }) => full(await processes.stop(process_id)),
    }),
    defineOperation({
      id: 'processes.delete',
      summary: 'Delete a process',
      route: 'DELETE /processes/{process_id}',
      input: byId,
      output: z.object({ process_id: z.string(), deleted: z.literal(true) }),
      errors: ['CSP-CNV-003', 'CSP-CNV-009'],
      permission: 'processes:delete',
      rateClass: 'write',
      idempotent: true,
      examples: [
        {
          name: 'the API reference',
          after: CREATED,
          input: { process_id: 'proc_123456' },
          output: { deleted: true },
        },
      ],
      async run({ process_id }) {
        await processes.delete(process_id);
        return { process_id, deleted: true as const };
      },
    }),
  ];
}

function draftOf({ operator, processes = [], behavior = '', inputs, outputs, ...options }: Definition): Draft {
  if (operator === undefined) return { type: 'atomic', definition: { inputs, outputs, behavior } };
  return { type: 'composite', definition: { operator, processes, ...options } };
}

function lineOf(entry: LogEntry) {
  const { sequence, at } = entry;
  if (entry.kind === 'event')
    return {
      sequence,
      at,
      level: 'info' as const,
      message: `performed ${entry.event}, its event ${entry.events_processed}`,
    };
  const { status, reason } = entry;
  const level = status === 'failed' ? ('error' as const) : ('info' as const);
  return { sequence, at, level, message: reason === undefined ? status : `${status}: ${reason}` };
}

/** With what it means in CSPM, where that is not what was written. */
function presented(body: ProcessBody) {
  const { specifiedBy } = body;
  const shown = specifiedBy === undefined ? body : { ...body, type: typeOf(body), config: specifiedBy.config };
  if (body.type === 'composite') return { ...shown, translation: { cspm: body.source, notes: [] } };
  const written = specifiedBy === undefined ? {} : { translation: { cspm: body.definition.behavior, notes: [] } };
  return { ...written, ...shown };
}

function createdOf(body: ProcessBody): z.input<typeof created> {
  return presented(body) as unknown as z.input<typeof created>;
}

function stateOf(body: ProcessBody, usage: ReturnType<Processes['usage']>): z.input<typeof state> {
  const metadata = {
    ...usage,
    cpu_milliseconds: Math.round(body.cpu_milliseconds * 1000) / 1000,
    events_processed: body.position.events,
  };
  return { ...presented(body), metadata } as unknown as z.input<typeof state>;
}
