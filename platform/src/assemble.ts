/**
 * Assembly: starts modules in the order of the list, hands each exactly the capabilities it declared, and gives back one platform.
 *
 * The order is the architecture: a module may need only what stands before it. What cannot work is refused before or while starting, by name,
 * and whatever was started by then is stopped again.
 */
import { cacheOff } from './cached.ts';
import { CAPABILITIES, type Capabilities } from './capabilities.ts';
import type { Catalog, PlatformHealth, SwitchedOff } from './catalog.ts';
import { PLATFORM_ERRORS } from './errors.ts';
import { Fault } from './fault.ts';
import { metricsInMemory } from './metrics.ts';
import type { Health, Module, Started } from './module.ts';
import { nearest } from './nearest.ts';
import { moduleProtocol } from './protocol.ts';
import { NO_TRACER } from './tracing.ts';

export interface Platform {
  readonly catalog: Catalog;
  /** Names of the modules, in the order in which they were started. */
  readonly modules: readonly string[];
  /** Where a module can be reached, for those that listen. */
  readonly urls: Readonly<Record<string, string>>;
  /** Stops the modules in reverse order. All are stopped even if one of them faults; then the first fault is thrown. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * @param modules in the order in which they start.
 * @param config for each module by its name; parsed by the schema the module declares. A module that is left out needs no entry.
 * @param capabilities those of the system; modules may provide more.
 * @param switchedOff what is not in the list by configuration, so that callers can be told.
 * @throws Fault `CSP-PLT-001` to `CSP-PLT-005`, or what a module throws while it starts.
 */
export async function assemble(
  modules: readonly Module[],
  config: Readonly<Record<string, unknown>>,
  capabilities: Partial<Omit<Capabilities, 'catalog' | 'protocol'>>,
  switchedOff: readonly SwitchedOff[] = [],
): Promise<Platform> {
  refuseDuplicates(
    'module',
    modules.map((module) => [module.name, module.name]),
  );
  refuseDuplicates(
    'collection',
    modules.flatMap((module) =>
      (module.collections ?? []).map((collection) => [collection.name, module.name] as const),
    ),
  );

  const running: { readonly name: string; readonly started: Started }[] = [];
  const catalog = catalogOf(modules, running, switchedOff);
  const available: Partial<Capabilities> = {
    metrics: metricsInMemory(),
    cache: cacheOff,
    tracer: NO_TRACER,
    ...capabilities,
    catalog,
  };

  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopAll(running));

  try {
    for (const [position, module] of modules.entries()) {
      const started = await module.start(
        needsOf(
          module,
          { ...available, protocol: moduleProtocol(module.name, module.protocol) },
          modules.slice(position + 1),
        ),
        configOf(module, config),
      );
      running.push({ name: module.name, started });
      Object.assign(available, providedBy(module, started));
      refuseDuplicateOffers(running);
      refuseSilentPanels(module.name, started, catalog);
    }
    for (const { started } of running) started.ready?.();
  } catch (fault) {
    await stop().catch(() => {});
    throw fault;
  }

  return {
    catalog,
    modules: running.map(({ name }) => name),
    urls: Object.fromEntries(
      running.flatMap(({ name, started }) => (started.url === undefined ? [] : [[name, started.url]])),
    ),
    stop,
  };
}

function needsOf(module: Module, available: Partial<Capabilities>, later: readonly Module[]): Capabilities {
  const given: Partial<Record<keyof Capabilities, unknown>> = {};
  for (const need of module.needs) {
    if (available[need] === undefined) {
      const provider = later.find((candidate) => candidate.provides?.includes(need));
      const next = provider ? `Put ${provider.name} before ${module.name}.` : adviceOn(need);
      throw new Fault(
        'CSP-PLT-001',
        'internal',
        `Module ${module.name} needs ${need}, which nothing before it provides. ${next}`,
        {
          details: { module: module.name, need },
        },
      );
    }
    given[need] = available[need];
  }
  return given as Capabilities;
}

function adviceOn(need: string): string {
  if (Object.hasOwn(CAPABILITIES, need)) return `Add a module that provides ${need}.`;
  const near = nearest(need, Object.keys(CAPABILITIES));
  return `There is no such capability.${near === undefined ? '' : ` Did you mean ${near}?`}`;
}

function configOf(module: Module, config: Readonly<Record<string, unknown>>): unknown {
  const parsed = module.config.safeParse(config[module.name] ?? {});
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`).join('; ');
  throw new Fault('CSP-PLT-003', 'invalid', `The configuration of module ${module.name} is wrong: ${wrong}`, {
    details: { module: module.name },
    cause: parsed.error,
  });
}

function providedBy(module: Module, started: Started): Partial<Capabilities> {
  const provided: Partial<Record<keyof Capabilities, unknown>> = {};
  for (const promised of module.provides ?? []) {
    const capability = started.provides?.[promised];
    if (capability === undefined)
      throw new Fault('CSP-PLT-004', 'internal', `Module ${module.name} promised ${promised} and did not provide it.`);
    provided[promised] = capability;
  }
  return provided as Partial<Capabilities>;
}

function refuseDuplicateOffers(running: readonly { readonly name: string; readonly started: Started }[]): void {
  const offers = (of: (started: Started) => readonly string[]) =>
    running.flatMap(({ name, started }) => of(started).map((offer) => [offer, name] as const));
  refuseDuplicates(
    'operation',
    offers((started) => (started.operations ?? []).map((operation) => operation.id)),
  );
  refuseDuplicates(
    'route',
    offers((started) => (started.operations ?? []).map((operation) => routeShape(operation.route))),
  );
  refuseDuplicates(
    'stream',
    offers((started) => (started.streams ?? []).map((stream) => routeShape(stream.topic))),
  );
  refuseDuplicates(
    'page',
    offers((started) => [...(started.pages ?? []), ...(started.documents ?? [])].map(({ path }) => routeShape(path))),
  );
}

/** A panel on a topic that nobody tells of would never be rendered anew. */
function refuseSilentPanels(module: string, { panels = {} }: Started, catalog: Catalog): void {
  const topics = catalog.streams().map((stream) => stream.topic);
  for (const [name, { topic }] of Object.entries(panels)) {
    if (topic === undefined || topics.includes(topic)) continue;
    const near = nearest(topic, topics);
    throw new Fault(
      'CSP-PLT-013',
      'internal',
      `The panel ${module}.${name} follows ${topic}, which is no topic of this module or one before it.${near ? ` Did you mean ${near}?` : ''}`,
      { details: { module, panel: name, topic } },
    );
  }
}

/** Two routes that differ only in the names of their parameters are one route. */
function routeShape(route: string): string {
  return route.replace(/\{[^}]*\}/g, '{}');
}

function refuseDuplicates(kind: string, named: readonly (readonly [name: string, module: string])[]): void {
  const owners = new Map<string, string>();
  for (const [name, module] of named) {
    const owner = owners.get(name);
    if (owner !== undefined)
      throw new Fault(
        'CSP-PLT-002',
        'internal',
        `The ${kind} ${name} is declared twice, by ${owner} and by ${module}.`,
        {
          details: { kind, name, modules: [owner, module] },
        },
      );
    owners.set(name, module);
  }
}

function catalogOf(
  modules: readonly Module[],
  running: readonly { readonly name: string; readonly started: Started }[],
  switchedOff: readonly SwitchedOff[],
): Catalog {
  const collections = modules.flatMap((module) => module.collections ?? []);
  const errors = Object.assign({}, PLATFORM_ERRORS, ...modules.map((module) => module.errors));
  const named = <Offer>(of: (started: Started) => Readonly<Record<string, Offer>> | undefined) =>
    new Map(
      running.flatMap(({ name, started }) =>
        Object.entries(of(started) ?? {}).map(([own, offer]) => [`${name}.${own}`, offer] as const),
      ),
    );
  return {
    collections: () => collections,
    errors: () => errors,
    operations: () => running.flatMap(({ started }) => started.operations ?? []),
    streams: () => running.flatMap(({ started }) => started.streams ?? []),
    pages: () => running.flatMap(({ started }) => started.pages ?? []),
    documents: () => running.flatMap(({ started }) => started.documents ?? []),
    agents: () => named(({ agents }) => agents),
    processKinds: () => named(({ processKinds }) => processKinds),
    policies: () => named(({ policies }) => policies),
    panels: () => named(({ panels }) => panels),
    switchedOff: () => switchedOff,
    async health(): Promise<PlatformHealth> {
      const entries = await Promise.all(
        running.map(async ({ name, started }) => [name, await healthOf(started)] as const),
      );
      return { healthy: entries.every(([, health]) => health.healthy), modules: Object.fromEntries(entries) };
    },
  };
}

/** A health check that throws is an answer: not healthy, and why. */
async function healthOf(started: Started): Promise<Health> {
  try {
    return (await started.health?.()) ?? { healthy: true, detail: 'running' };
  } catch (fault) {
    return { healthy: false, detail: fault instanceof Error ? fault.message : String(fault) };
  }
}

async function stopAll(running: readonly { readonly name: string; readonly started: Started }[]): Promise<void> {
  const faults: unknown[] = [];
  for (const { name, started } of [...running].reverse()) {
    try {
      await started.stop();
    } catch (fault) {
      faults.push(new Fault('CSP-PLT-005', 'internal', `Module ${name} did not stop cleanly.`, { cause: fault }));
    }
  }
  if (faults.length > 0) throw faults[0];
}
