/**
 * A process as a table: for each state what it does there, all numbers and values resolved in advance.
 *
 * Internal steps come first (one of them, drawn), then the end. Otherwise the process offers on its channels: one send, one receive, or a choice, to
 * which belongs what it performs alone. Every such run is one that the process may perform; a table never invents a trace.
 */
import { type EventId, type Process, TAU, type Terms, TICK } from '../../csp/index.ts';
import { compile, type StateId, Transitions } from '../../lts/index.ts';

export const STOP = 0;
export const END = 1;
export const DRAW = 2;
export const ALONE = 3;
export const SEND = 4;
export const RECEIVE = 5;
export const CHOOSE = 6;

/** Which events of the process are sends, receives, or performed alone: CSPM names, an event belongs to the longest that it begins with. */
export interface Directions {
  readonly sends: readonly string[];
  readonly receives: readonly string[];
  readonly alone: readonly string[];
}

/** One guard: a send of one value, or a receive of several. */
export interface Port {
  readonly sending: boolean;
  /** The name that the direction was given for. */
  readonly channel: string;
  /** By value: what is performed, and the states it may lead to. One entry for a send. */
  readonly moves: ReadonlyMap<unknown, Move>;
  /** A receive: whether every value that the process ever receives there is accepted here. */
  readonly acceptsAll: boolean;
}

export interface Move {
  readonly event: EventId;
  readonly value: unknown;
  readonly targets: readonly number[];
}

export interface Row {
  readonly kind: number;
  /** Of `DRAW`. */
  readonly targets: readonly number[];
  /** What is performed alone: of `ALONE`, and of `CHOOSE`. */
  readonly moves: readonly Move[];
  /** Of `SEND`, `RECEIVE` and `CHOOSE`. */
  readonly ports: readonly Port[];
}

export type Tabulated =
  | { readonly kind: 'table'; readonly rows: readonly Row[]; readonly initial: number }
  | {
      readonly kind: 'refused';
      readonly reason: 'too many states' | 'unbound event' | 'diverges';
      readonly message: string;
    };

/** The table of a process; refused when it is too large, may diverge, or has an event that no direction says anything about. */
export function tabulate(terms: Terms, process: Process, directions: Directions, stateCountMax: number): Tabulated {
  const lts = compile(terms, process);
  const transitions = new Transitions();
  const steps: (readonly (readonly [event: EventId, target: number])[])[] = [];
  for (let state = 0; state < lts.stateCount; state++) {
    if (lts.stateCount > stateCountMax) {
      const message = `the process has more than ${stateCountMax} states; raise stateCountMax, or split it into components`;
      return { kind: 'refused', reason: 'too many states', message };
    }
    lts.successors(state as StateId, transitions);
    steps.push(Array.from({ length: transitions.length }, (_, i) => [transitions.eventAt(i), transitions.targetAt(i)]));
  }
  const loop = tauLoop(steps);
  if (loop !== undefined) {
    const message = `the process may diverge: internal steps can go on for ever from ${lts.describe(loop as StateId)}`;
    return { kind: 'refused', reason: 'diverges', message };
  }
  const places = new Map<EventId, Place>();
  for (const [event] of steps.flat()) {
    if (event === TAU || event === TICK || places.has(event)) continue;
    const name = terms.alphabet.nameOf(event);
    const place = placeOf(name, directions);
    if (place === undefined) {
      const message = `${name} is neither sent, received nor performed alone; name its channel in one of them`;
      return { kind: 'refused', reason: 'unbound event', message };
    }
    places.set(event, place);
  }
  const received = new Map<string, Set<unknown>>();
  for (const { kind, channel, value } of places.values()) {
    if (kind !== 'receives') continue;
    if (!received.has(channel)) received.set(channel, new Set());
    received.get(channel)!.add(value);
  }
  return { kind: 'table', initial: lts.initial, rows: steps.map((step) => rowOf(step, places, received)) };
}

interface Place {
  readonly kind: keyof Directions;
  readonly channel: string;
  readonly value: unknown;
}

function placeOf(name: string, directions: Directions): Place | undefined {
  let found: Place | undefined;
  for (const kind of ['sends', 'receives', 'alone'] as const)
    for (const channel of directions[kind]) {
      if (name !== channel && !name.startsWith(`${channel}.`)) continue;
      if (found === undefined || channel.length > found.channel.length)
        found = { kind, channel, value: payloadOf(name.slice(channel.length + 1)) };
    }
  return found;
}

/** The fields behind the channel as a value: nothing, a number, or text. */
function payloadOf(fields: string): unknown {
  if (fields === '') return undefined;
  return /^-?\d+$/.test(fields) ? Number(fields) : fields;
}

function rowOf(
  step: readonly (readonly [EventId, number])[],
  places: ReadonlyMap<EventId, Place>,
  received: ReadonlyMap<string, ReadonlySet<unknown>>,
): Row {
  const none = { targets: [], moves: [], ports: [] };
  const internal = step.filter(([event]) => event === TAU).map(([, target]) => target);
  if (internal.length > 0) return { ...none, kind: DRAW, targets: internal };
  if (step.some(([event]) => event === TICK)) return { ...none, kind: END };
  const moves = new Map<EventId, Move & { targets: number[] }>();
  for (const [event, target] of step) {
    const known = moves.get(event);
    if (known === undefined) moves.set(event, { event, value: places.get(event)!.value, targets: [target] });
    else known.targets.push(target);
  }
  const alone = [...moves.values()].filter(({ event }) => places.get(event)!.kind === 'alone');
  const ports: Port[] = [];
  const receives = new Map<string, Map<unknown, Move>>();
  for (const move of moves.values()) {
    const { kind, channel, value } = places.get(move.event)!;
    if (kind === 'alone') continue;
    if (kind === 'sends') ports.push({ sending: true, channel, moves: new Map([[value, move]]), acceptsAll: false });
    else if (receives.has(channel)) receives.get(channel)!.set(value, move);
    else receives.set(channel, new Map([[value, move]]));
  }
  for (const [channel, accepted] of receives)
    ports.push({ sending: false, channel, moves: accepted, acceptsAll: accepted.size === received.get(channel)!.size });
  if (ports.length === 0) return { ...none, kind: alone.length > 0 ? ALONE : STOP, moves: alone };
  const kind = ports.length + alone.length > 1 ? CHOOSE : ports[0]!.sending ? SEND : RECEIVE;
  return { ...none, kind, ports, moves: alone };
}

/** A state on a cycle of internal steps: depth first, with the path marked. */
function tauLoop(steps: readonly (readonly (readonly [EventId, number])[])[]): number | undefined {
  const NEW = 0;
  const OPEN = 1;
  const CLOSED = 2;
  const mark = new Uint8Array(steps.length);
  for (let root = 0; root < steps.length; root++) {
    const path: { readonly state: number; at: number }[] = [{ state: root, at: 0 }];
    while (path.length > 0) {
      const top = path.at(-1)!;
      if (top.at === 0 && mark[top.state] === CLOSED) {
        path.pop();
        continue;
      }
      mark[top.state] = OPEN;
      const next = steps[top.state]![top.at++];
      if (next === undefined) {
        mark[top.state] = CLOSED;
        path.pop();
      } else if (next[0] === TAU) {
        if (mark[next[1]] === OPEN) return next[1];
        if (mark[next[1]] === NEW) path.push({ state: next[1], at: 0 });
      }
    }
  }
  return undefined;
}
