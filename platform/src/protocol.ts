/**
 * The protocol of a module at run time: the processes of its `protocol.csp` as monitors, each a table. A table is made when it is first asked for, or
 * was made before: nothing is evaluated while the platform starts.
 */
import type { BehaviorTable } from '@enhanced-csp/engine/lts';
import type { Monitor } from '@enhanced-csp/engine/runtime';
import { Fault } from './fault.ts';

/** A script in CSPM, or what was made of processes of one. */
export type ProtocolDeclaration =
  | { readonly source: string }
  | { readonly tables: Readonly<Record<string, BehaviorTable>> };

export interface ModuleProtocol {
  /**
   * The monitor of a process without parameters.
   *
   * @throws Fault `CSP-PLT-014` when the script is ill-formed, or defines no such process, or it has more than 10,000 states.
   */
  monitor(process: string): Promise<ProtocolMonitor>;
}

export interface ProtocolMonitor {
  /** The table, for whoever keeps the node by himself. */
  readonly table: Monitor;
  /** One run of the process, from its beginning. */
  session(): ProtocolSession;
}

export interface ProtocolSession {
  /** @throws Fault `CSP-PLT-015` when the process does not do this now: then nothing has happened. */
  perform(event: string): void;
  /** Names of the events that are possible now. */
  expected(): readonly string[];
}

const STATE_COUNT_MAX = 10_000;

/** @param module its name, for messages. */
export function moduleProtocol(module: string, declaration: ProtocolDeclaration | undefined): ModuleProtocol {
  const made = new Map<string, Promise<ProtocolMonitor>>();
  return {
    monitor(process) {
      let monitor = made.get(process);
      if (monitor === undefined) made.set(process, (monitor = monitorFor(module, declaration, process)));
      return monitor;
    },
  };
}

async function monitorFor(
  module: string,
  declaration: ProtocolDeclaration | undefined,
  process: string,
): Promise<ProtocolMonitor> {
  const table = await tableFor(module, declaration, process);
  return { table, session: () => sessionOf(module, table) };
}

async function tableFor(
  module: string,
  declaration: ProtocolDeclaration | undefined,
  process: string,
): Promise<Monitor> {
  const refuse = (reason: string, cause?: unknown) =>
    new Fault('CSP-PLT-014', 'internal', `The protocol of module ${module} cannot be monitored: ${reason}`, {
      details: { module, process },
      cause,
    });
  if (declaration === undefined) throw refuse('it declares none');
  if ('tables' in declaration) {
    const table = declaration.tables[process];
    if (table === undefined) throw refuse(`there is no table of ${process}`);
    const [{ normalFormOf }, { monitorOf }] = await Promise.all([
      import('@enhanced-csp/engine/lts'),
      import('@enhanced-csp/engine/runtime'),
    ]);
    return monitorOf(normalFormOf(table));
  }
  const { openProtocol } = await import('@enhanced-csp/engine');
  try {
    const opened = openProtocol(
      { source: declaration.source, system: process, roles: [] },
      { file: 'protocol.csp', explore: { stateCountMax: STATE_COUNT_MAX } },
    );
    if (opened.kind === 'open') return opened.protocol.monitor;
    const wrong = opened.diagnostics.find(({ severity }) => severity === 'error');
    throw refuse(wrong === undefined ? 'it is ill-formed' : `line ${wrong.span.line}: ${wrong.message}`);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw refuse((cause as Error).message, cause);
  }
}

function sessionOf(module: string, table: Monitor): ProtocolSession {
  let node = table.initial;
  const expected = () => table.expected(node).map((event) => table.alphabet.nameOf(event));
  return {
    expected,
    perform(event) {
      const next = table.stepByName(node, event);
      if (next < 0) {
        const names = expected();
        const possible = names.length === 0 ? 'nothing is' : `possible are ${names.join(', ')}`;
        throw new Fault(
          'CSP-PLT-015',
          'refused',
          `The protocol of ${module} does not allow ${event} now; ${possible}.`,
          {
            details: { module, event, expected: names },
          },
        );
      }
      node = next;
    },
  };
}
