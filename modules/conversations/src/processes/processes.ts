/** The processes of the platform: their records, and those that run. */
import {
  type Call,
  type Change,
  type Clock,
  type ListQuery,
  type Log,
  listPage,
  type Notifications,
  type Plan,
  type Random,
  refuseStale,
  type Store,
  type Stored,
  timestamp,
} from '@enhanced-csp/platform';
import type { Channels } from '../channels/channels.ts';
import { fault, isPassing, RETRY_MS } from '../fault.ts';
import type { Job } from '../verification/examine.ts';
import type { Verifier } from '../verification/verifier.ts';
import { type ComposedScript, composedScript } from './composed-script.ts';
import { type CompositeDefinition, type Part, treeOf } from './composition.ts';
import { entryChange, forgetChanges, type LogEntry, oldestOf, readEntries } from './process-log.ts';
import {
  type Draft,
  type Performance,
  PROCESS_TABLES,
  PROCESSES,
  type PresentProcess,
  type ProcessBody,
  type ProcessStatus,
  partCountOf,
  type StoredPerformance,
  typeOf,
} from './process-record.ts';
import type { Ending, Position, RunningProcess } from './running-process.ts';
import { type Definition, ofBehavior, SYSTEM, scriptOf } from './script.ts';
import { atomicSteps } from './step.ts';

type Told =
  | { readonly kind: 'status'; readonly status: string; readonly reason?: string }
  | { readonly kind: 'event'; readonly event: string; readonly events_processed: number };

const LISTING = { operation: 'processes.list', collection: PROCESSES } as const;

interface Needs {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly notifications: Notifications;
  readonly channels: Channels;
  readonly verifier: Verifier;
  readonly limits: { readonly timeoutMs: number; readonly stateCountMax: number };
}

interface Run {
  readonly process: RunningProcess;
  readonly performance: Performance;
  readonly since: number;
  body: ProcessBody;
}

const OBLIGATIONS = [':[divergence free]'];

export class Processes {
  readonly #needs: Needs;
  readonly #runs = new Map<string, Run>();
  /** Processes whose state is being changed by a request. */
  readonly #busy = new Set<string>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Stores a process with what is right or wrong with it. Nothing runs yet. */
  async create(draft: { readonly name: string } & Draft): Promise<ProcessBody> {
    return this.#perform(await this.planCreate(draft));
  }

  async planCreate(draft: { readonly name: string } & Draft): Promise<Plan<ProcessBody>> {
    const at = this.#now();
    const body: ProcessBody = {
      process_id: this.#needs.random.id('proc'),
      status: 'created',
      assertions: [],
      created_at: at,
      updated_at: at,
      channels: {},
      position: { node: 0, events: 0, held: [] },
      cpu_milliseconds: 0,
      ...(await this.#examined(draft)),
    };
    return this.#saving(body, 0);
  }

  /** Changes a process that was never started; what it says is examined anew. */
  async update(
    id: string,
    change: { readonly name?: string | undefined; readonly draft?: Draft | undefined },
    call: Pick<Call, 'ifVersions'>,
  ): Promise<PresentProcess> {
    return this.#alone(id, async () => {
      const { body, version } = await this.#stored(id);
      refuseStale(call, version);
      if (body.status !== 'created')
        throw fault('CSP-CNV-009', `the process ${body.name} is ${body.status}; only a created one can be changed`, {
          details: { status: body.status },
        });
      if (change.draft !== undefined && body.specifiedBy !== undefined)
        throw fault(
          'CSP-CNV-017',
          `the process ${body.name} was specified by ${body.specifiedBy.kind}; create another one`,
        );
      if (change.draft !== undefined && change.draft.type !== body.type)
        throw fault('CSP-CNV-017', `the process ${body.name} is ${body.type} and stays so; create another one`);
      const { source: _, translation: __, ...rest } = body;
      const examined = await this.#examined({ ...(change.draft ?? body), name: change.name ?? body.name });
      const changed = { ...rest, ...examined, updated_at: this.#now() } as ProcessBody;
      const saved = await this.#save(changed, version);
      return { ...saved, version: version + 1 };
    });
  }

  async #examined(draft: { readonly name: string; readonly tree?: Part } & Draft) {
    return draft.type === 'atomic' ? this.#examinedBehavior(draft) : this.#examinedComposition(draft);
  }

  async #examinedBehavior(draft: { readonly name: string } & Draft & { readonly type: 'atomic' }) {
    const { name, definition, specifiedBy } = draft;
    const file = fileOf(name);
    const same = { name, type: 'atomic' as const, definition, ...(specifiedBy !== undefined && { specifiedBy }) };
    const drafted = scriptOf(definition, file);
    if (drafted.kind !== 'script') return { ...same, verdict: 'ill-formed' as const, diagnostics: drafted.diagnostics };
    const { source, translation } = drafted;
    const { wellFormed, diagnostics } = await this.#needs.verifier.examine(this.#job(name, source, 'load'));
    return {
      ...same,
      verdict: wellFormed ? ('well-formed' as const) : ('ill-formed' as const),
      diagnostics: ofBehavior(diagnostics, definition, file),
      source,
      ...(translation !== undefined && { translation }),
    };
  }

  async #examinedComposition(draft: {
    readonly name: string;
    readonly definition: CompositeDefinition;
    readonly tree?: Part;
  }) {
    const { name, definition } = draft;
    const tree = draft.tree ?? (await treeOf(definition, (id) => this.#part(id)));
    const { source, inputs, outputs } = composedScript(tree);
    const { wellFormed, diagnostics } = await this.#needs.verifier.examine(this.#job(name, source, 'load'));
    return {
      name,
      type: 'composite' as const,
      definition: { ...definition, inputs, outputs },
      tree,
      verdict: wellFormed ? ('well-formed' as const) : ('ill-formed' as const),
      diagnostics,
      source,
    };
  }

  /** A process as a part of another one: as it is now. */
  async #part(id: string): Promise<Part> {
    const { body } = await this.#stored(id);
    if (body.verdict === 'ill-formed')
      throw fault('CSP-CNV-017', `the process ${body.name} is ill-formed, and can be no part of another one`, {
        details: { process_id: id, diagnostics: body.diagnostics },
      });
    if (body.type === 'composite') return body.tree;
    const { inputs, outputs, behavior } = body.definition;
    return { kind: 'leaf', name: body.name, inputs, outputs, behavior: body.translation?.cspm ?? behavior };
  }

  /** The process as it stands, events of a running one included. */
  async get(id: string): Promise<PresentProcess> {
    const run = this.#runs.get(id);
    if (run === undefined) {
      const { body, version } = await this.#stored(id);
      return { ...body, version };
    }
    return {
      ...run.body,
      position: run.process.position,
      cpu_milliseconds: run.body.cpu_milliseconds + run.process.cpuMilliseconds,
    };
  }

  /** What it did, as far as that is kept: `oldest` is the first entry there is, `next` where to go on. */
  async entries(id: string, range: { from: number; limit: number }) {
    const { logged = 0 } = await this.get(id);
    const entries = await readEntries(this.#needs.store, id, { ...range, logged });
    const last = entries.at(-1);
    const oldest = oldestOf(logged);
    return { entries, oldest, next: last === undefined ? Math.max(range.from, oldest) : last.sequence + 1 };
  }

  /** Measured while it runs, and absent when it does not: its share of one processor since it was started, in percent, and its memory, in megabytes. */
  usage(id: string): { readonly cpu_usage: number; readonly memory_usage: number } | undefined {
    const run = this.#runs.get(id);
    if (run === undefined) return undefined;
    const elapsed = this.#needs.clock.monotonic() - run.since;
    const cpu_usage = elapsed <= 0 ? 0 : Math.round((run.process.cpuMilliseconds / elapsed) * 1e5) / 1e3;
    return { cpu_usage, memory_usage: run.process.memoryBytes / 1e6 };
  }

  list(query: ListQuery) {
    return listPage<ProcessBody>(this.#needs.store, LISTING, query);
  }

  /** Verifies what is not verified yet, makes the channels that are missing, and runs. */
  async start(id: string): Promise<ProcessBody> {
    return this.#alone(id, async () => {
      let { body, version } = await this.#stored(id);
      if (body.status === 'running')
        throw fault('CSP-CNV-009', `the process ${body.name} runs already`, { details: { status: body.status } });
      const checked = await this.#verified(body);
      const { performance } = checked;
      body = checked.body;
      if (body.status === 'verified') body = await this.#save(body, version++, performance);
      const initial: Position = {
        node: performance.table.initial,
        events: body.position.events,
        held: Array(partCountOf(body)).fill(null),
      };
      const at = this.#now();
      const { reason: _, ...rest } = body;
      const running: ProcessBody = {
        ...rest,
        status: 'running',
        channels: await this.#channelsFor(body.definition),
        position: initial,
        started_at: at,
        updated_at: at,
      };
      const saved = await this.#save(running, version);
      await this.#run(saved, performance);
      return saved;
    });
  }

  async stop(id: string): Promise<ProcessBody> {
    return this.#alone(id, async () => {
      const run = this.#runs.get(id);
      if (run === undefined) {
        const { body } = await this.#stored(id);
        throw fault('CSP-CNV-009', `the process ${body.name} does not run: it is ${body.status}`, {
          details: { status: body.status },
        });
      }
      await run.process.stop();
      const ending = await run.process.ended;
      if (ending !== undefined)
        throw fault('CSP-CNV-009', `the process ${run.body.name} does not run: it is ${ending.kind}`, {
          details: { status: ending.kind },
        });
      try {
        return await this.#end(run, { kind: 'stopped' });
      } catch (cause) {
        // It was not stopped: it goes on where it stood, unless the platform has ended meanwhile.
        if (this.#runs.get(id) === run) await this.#run(this.#standing(run), run.performance);
        throw cause;
      }
    });
  }

  async delete(id: string): Promise<void> {
    await this.#alone(id, async () => {
      const { body } = await this.#stored(id);
      if (this.#runs.has(id))
        throw fault('CSP-CNV-009', `the process ${body.name} runs; stop it first`, {
          details: { status: body.status },
        });
      await this.#needs.store.commit([
        { change: 'delete', collection: PROCESSES.name, id },
        { change: 'delete', collection: PROCESS_TABLES.name, id },
        ...forgetChanges(id, body.logged ?? 0),
      ]);
      this.#publish(body, 'deleted');
    });
  }

  /** After a restart: what ran runs again, where it was. */
  async resume(): Promise<void> {
    const SLICE = 1000;
    for (let offset = 0; ; offset += SLICE) {
      const query = { where: { status: 'running' }, limit: SLICE, offset };
      const { records } = await this.#needs.store.find<ProcessBody>(PROCESSES.name, query);
      for (const { id, body } of records) {
        const performance = await this.#performanceOf(body);
        if (performance !== undefined && !this.#runs.has(id)) await this.#run(body, performance);
      }
      if (records.length < SLICE) return;
    }
  }

  /** Halts every process without changing its state: it goes on after the next start of the platform. */
  async close(): Promise<void> {
    const runs = [...this.#runs.values()];
    this.#runs.clear();
    await Promise.all(runs.map(({ process }) => process.stop()));
  }

  async #run(body: ProcessBody, performance: Performance): Promise<void> {
    const { RunningProcess } = await import('./running-process.ts');
    const { table, steps } = performance;
    const { process_id, channels } = body;
    // Older records have one message, or none, and no list of them.
    const position = { ...body.position, held: [body.position.held].flat() };
    // What the commit that is under way will have told.
    let step: { readonly body: ProcessBody; readonly entry?: LogEntry } | undefined;
    const run: Run = {
      body,
      performance,
      since: this.#needs.clock.monotonic(),
      process: new RunningProcess(
        { process_id, table, steps, channels, position },
        {
          clock: this.#needs.clock,
          store: this.#needs.store,
          channels: this.#needs.channels,
          changesTo: (next, event) => {
            const moved = { ...run.body, position: next, updated_at: this.#now() };
            step =
              event === undefined
                ? { body: moved }
                : this.#told(moved, { kind: 'event', event, events_processed: next.events });
            return [this.#put(step.body), ...(step.entry === undefined ? [] : [entryChange(step.entry)])];
          },
          onEvent: (event, next) => {
            if (step === undefined) return;
            run.body = step.body;
            if (step.entry === undefined) return;
            this.#publishEntry(step.entry);
            this.#needs.notifications.publish('process_events', {
              process_id,
              name: body.name,
              event,
              events_processed: next.events,
            });
          },
        },
      ),
    };
    this.#runs.set(process_id, run);
    run.process.ended
      .then((ending) => (ending === undefined ? undefined : this.#endByItself(run, ending)))
      .catch((cause: unknown) =>
        this.#needs.log.error({ process_id, fault: String(cause) }, 'the end of a process could not be stored'),
      );
  }

  /** Until it is stored: a disk that is full for a while does not leave behind a process that seems to run. */
  async #endByItself(run: Run, ending: Ending): Promise<void> {
    const { process_id } = run.body;
    if (ending.kind === 'failed') this.#needs.log.warn({ process_id, reason: ending.reason }, 'a process failed');
    while (this.#runs.get(process_id) === run)
      try {
        await this.#end(run, ending);
      } catch (cause) {
        if (!isPassing(cause)) throw cause;
        await new Promise<void>((resolve) => this.#needs.clock.after(RETRY_MS, resolve));
      }
  }

  async #end(run: Run, ending: Ending): Promise<ProcessBody> {
    const plan = this.#saving({
      ...this.#standing(run),
      status: ending.kind,
      ...(ending.kind === 'failed' && { reason: ending.reason }),
      updated_at: this.#now(),
    });
    return this.#perform({
      ...plan,
      committed: () => {
        this.#runs.delete(run.body.process_id);
        plan.committed?.();
      },
    });
  }

  #standing({ body, process }: Run): ProcessBody {
    return {
      ...body,
      position: process.position,
      cpu_milliseconds: body.cpu_milliseconds + process.cpuMilliseconds,
    };
  }

  async #performanceOf(body: ProcessBody): Promise<Performance | undefined> {
    const stored = await this.#needs.store.get<StoredPerformance>(PROCESS_TABLES.name, body.process_id);
    if (stored === undefined) return undefined;
    const { steps, ...table } = stored.body;
    if (body.type === 'atomic') return { table, steps: steps ?? atomicSteps(table, body.definition) };
    return steps === undefined ? undefined : { table, steps };
  }

  /** A process that may run, with what it performs; faults for any other. */
  async #verified(body: ProcessBody): Promise<{ body: ProcessBody; performance: Performance }> {
    const known = body.verdict === 'holds' ? await this.#performanceOf(body) : undefined;
    if (known !== undefined) return { body, performance: known };
    const composed = body.type === 'composite' ? composedScript(body.tree) : undefined;
    const source = composed?.source ?? body.source;
    const examination =
      body.verdict === 'ill-formed' || source === undefined
        ? undefined
        : await this.#needs.verifier.examine(this.#job(body.name, source, 'verify', composed));
    const found = examination?.assertions ?? [];
    const assertions = composed === undefined ? found : composed.worded(found);
    const table = examination?.table;
    if (table !== undefined)
      return {
        body: {
          ...body,
          status: 'verified',
          verdict: 'holds',
          assertions,
          updated_at: this.#now(),
        },
        performance: {
          table,
          steps: body.type === 'atomic' ? atomicSteps(table, body.definition) : composed!.steps,
        },
      };
    const verdict =
      examination === undefined ? 'ill-formed' : examination.wellFormed ? examination.verdict : 'ill-formed';
    const diagnostics =
      examination === undefined
        ? body.diagnostics
        : body.type === 'composite'
          ? examination.diagnostics
          : ofBehavior(examination.diagnostics, body.definition, fileOf(body.name));
    const [first] = diagnostics.filter(({ severity }) => severity === 'error');
    const failing = assertions.find((one) => one.verdict === 'fails');
    const why =
      first === undefined
        ? (examination?.reason ?? failing?.explanation?.join(' ') ?? '')
        : `${first.line}:${first.column}: ${first.message}`;
    throw fault('CSP-CNV-008', `the process ${body.name} may not run: ${verdict}${why === '' ? '' : `, ${why}`}`, {
      details: { process_id: body.process_id, verdict, diagnostics, assertions },
    });
  }

  async #channelsFor({ inputs, outputs }: Pick<Definition, 'inputs' | 'outputs'>): Promise<Record<string, string>> {
    const { channels } = this.#needs;
    const found: Record<string, string> = {};
    for (const name of new Set([...inputs, ...outputs])) {
      const draft = { name, type: 'synchronous', buffer_size: 1000, security_level: 'medium' } as const;
      found[name] = ((await channels.named(name)) ?? (await channels.create(draft))).channel_id;
    }
    return found;
  }

  async #alone<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#busy.has(id)) throw fault('CSP-CNV-009', `another request is changing the state of process ${id}`);
    this.#busy.add(id);
    try {
      return await work();
    } finally {
      this.#busy.delete(id);
    }
  }

  async #stored(id: string): Promise<Stored<ProcessBody>> {
    const stored = await this.#needs.store.get<ProcessBody>(PROCESSES.name, id);
    if (stored === undefined) throw fault('CSP-CNV-003', `there is no process ${id}`);
    return stored;
  }

  /** Stores it, and says in its log what it is now; the result knows of the entry. */
  async #save(body: ProcessBody, ifVersion?: number, performance?: Performance): Promise<ProcessBody> {
    return this.#perform(this.#saving(body, ifVersion, performance));
  }

  async #perform({ changes, output, committed }: Plan<ProcessBody>): Promise<ProcessBody> {
    await this.#needs.store.commit(changes);
    committed?.();
    return output;
  }

  #saving(body: ProcessBody, ifVersion?: number, performance?: Performance): Plan<ProcessBody> {
    const { status, reason } = body;
    const told = this.#told(body, { kind: 'status', status, ...(reason !== undefined && { reason }) });
    const changes: Change[] = [{ ...this.#put(told.body), ...(ifVersion !== undefined && { ifVersion }) } as Change];
    changes.push(entryChange(told.entry));
    if (performance !== undefined) {
      const stored: StoredPerformance = { ...performance.table, steps: performance.steps };
      changes.push({ change: 'put', collection: PROCESS_TABLES.name, id: body.process_id, fields: {}, body: stored });
    }
    return {
      changes,
      output: told.body,
      committed: () => {
        this.#publish(told.body, status);
        this.#publishEntry(told.entry);
      },
    };
  }

  #told(body: ProcessBody, told: Told): { readonly body: ProcessBody; readonly entry: LogEntry } {
    const sequence = body.logged ?? 0;
    return {
      body: { ...body, logged: sequence + 1 },
      entry: { process_id: body.process_id, sequence, at: body.updated_at, ...told },
    };
  }

  #publishEntry(entry: LogEntry): void {
    this.#needs.notifications.publish(`process.${entry.process_id}`, entry);
  }

  #put(body: ProcessBody): Change {
    const { process_id: id, status, name, verdict, created_at } = body;
    const fields = { status, name, type: typeOf(body), verdict, created_at };
    return { change: 'put', collection: PROCESSES.name, id, fields, body };
  }

  #publish({ process_id, name, updated_at }: ProcessBody, status: ProcessStatus | 'deleted'): void {
    this.#needs.notifications.publish('process_events', { process_id, name, status, at: updated_at });
  }

  #job(
    name: string,
    source: string,
    until: 'load' | 'verify',
    composed?: Pick<ComposedScript, 'obligations' | 'enforced'>,
  ): Job {
    return {
      file: fileOf(name),
      source,
      system: SYSTEM,
      roles: [],
      until,
      obligations: composed?.obligations ?? OBLIGATIONS,
      ...(composed !== undefined && { enforced: composed.enforced }),
      ...this.#needs.limits,
    };
  }

  #now(): string {
    return timestamp(this.#needs.clock);
  }
}

function fileOf(name: string): string {
  return `${name}.csp`;
}
