/**
 * Realizability: whether the roles of a protocol, each by itself, can keep to it.
 *
 * The local protocol of a role is the projection of the whole onto the events the role performs or receives. Set side by side, agreeing on what they share, the
 * local protocols do everything the whole can do; the protocol is realizable when they do nothing else. Then each place may run its own monitor, and no order of
 * all events is needed. Otherwise there is a shortest conversation in which everybody did what he knew to be right, and the whole was wrong.
 *
 * Decided in the traces model, which is what monitors enforce: the local protocols are deterministic, so they get stuck only where the whole does.
 * For communication by rendezvous. With buffers between the roles more can go wrong, of which nothing is said here.
 */
import { type EventId, type Process, type Terms, TICK } from './csp/index.ts';
import {
  compile,
  LimitReached,
  type Limits,
  type NodeId,
  type NormalForm,
  project,
  visibleEvents,
} from './lts/index.ts';
import type { Protocol } from './protocol.ts';
import { refines } from './refine/index.ts';
import { ENVIRONMENT } from './runtime/index.ts';

export interface LocalProtocol {
  readonly role: string;
  readonly form: NormalForm;
  /** As a process of the protocol's terms: its nodes are calls named `AT_<role>(n)`. */
  readonly process: Process;
  /** The events of the whole that the role performs or receives. */
  readonly sees: readonly EventId[];
  /**
   * An event it performs and one it receives, possible at the same time: there its agent has to offer both at once (a mixed choice), or the two may wait for each
   * other.
   */
  readonly mixed?: { readonly performs: string; readonly receives: string };
}

/** What one who took part in the wrong event took the conversation for. */
export interface Mistaken {
  readonly role: string;
  /** What it had seen. */
  readonly saw: readonly string[];
  /** A conversation of the protocol in which it would have seen the same, and the event is right. */
  readonly took: readonly string[];
}

export type Realizability =
  | { readonly kind: 'realizable' }
  | {
      readonly kind: 'unrealizable';
      /** A conversation of the protocol, as short as any, and the event that then follows although the protocol has it not there. Undefined: the end. */
      readonly trace: readonly string[];
      readonly event: string | undefined;
      readonly mistaken: readonly Mistaken[];
    }
  | { readonly kind: 'unknown'; readonly spent: 'states' | 'time' | 'memory' };

export interface RealizabilityOptions extends Limits {
  /** Whether what a role performs alone (a timeout, a crash) is noticed by all. Absent: only by itself. */
  readonly notices?: boolean;
}

/**
 * The local protocols of all roles, the environment among them where it performs anything.
 *
 * @throws LimitReached when one has more nodes than `stateCountMax`
 * @example
 * const [buyer] = localProtocols(protocol);
 * monitorOf(buyer.form); // what an agent of another vendor may be held to, where it runs
 */
export function localProtocols(protocol: Protocol, options: RealizabilityOptions = {}): readonly LocalProtocol[] {
  const { normalForm, roles } = protocol;
  const events = visibleEvents(normalForm);
  const isAlone = (event: EventId): boolean =>
    roles.performerOf(event) !== undefined && roles.receiversOf(event).length === 0;
  const names = events.some((event) => roles.performerOf(event) === undefined)
    ? [...roles.names, ENVIRONMENT]
    : roles.names;
  return names.map((role) => {
    const sees = events.filter((event) => roles.takesPart(role, event) || (options.notices === true && isAlone(event)));
    const seen = new Set(sees);
    const form = project(normalForm, (event) => seen.has(event), options);
    const key = `local ${protocol.system} ${role}${options.notices === true ? ' with notices' : ''}`;
    return {
      role,
      form,
      process: processOf(protocol.terms, { key, role }, form),
      sees,
      ...mixedIn(protocol, role, form),
    };
  });
}

/**
 * Whether the roles can keep to the protocol without knowing more than they see.
 *
 * @example
 * const verdict = realizability(protocol);
 * if (verdict.kind === 'unrealizable') verdict.trace; // ['hello.a.b'], and c, who saw nothing of it, may already have greeted d
 */
export function realizability(protocol: Protocol, options: RealizabilityOptions = {}): Realizability {
  const { terms, process, normalForm } = protocol;
  try {
    const locals = localProtocols(protocol, options);
    const together = terms.alphabetizedParallel(
      locals.map(({ process: local, sees }) => ({ process: local, alphabet: [...sees] })),
    );
    const verdict = refines('T', compile(terms, process, options), compile(terms, together, options), options);
    if (verdict.kind === 'holds') return { kind: 'realizable' };
    if (verdict.kind === 'unknown') return { kind: 'unknown', spent: verdict.spent };
    const { counterexample } = verdict;
    if (counterexample.kind !== 'trace') throw new Error(`defect: a ${counterexample.kind} counterexample in T`);
    const { trace, event } = counterexample;
    const nameOf = (one: EventId): string => terms.alphabet.nameOf(one);
    // Everybody ends the conversation together.
    const part = locals.filter(({ sees }) => event === TICK || sees.includes(event));
    return {
      kind: 'unrealizable',
      trace: trace.map(nameOf),
      event: event === TICK ? undefined : nameOf(event),
      mistaken: part.map(({ role, sees }) => {
        const saw = trace.filter((one) => sees.includes(one));
        return { role, saw: saw.map(nameOf), took: takenFor(normalForm, saw, event, new Set(sees)).map(nameOf) };
      }),
    };
  } catch (error) {
    if (error instanceof LimitReached) return { kind: 'unknown', spent: error.spent };
    throw error;
  }
}

/** A shortest trace of the whole of which `saw` is what is seen, and after which `event` is possible. */
function takenFor(
  form: NormalForm,
  saw: readonly EventId[],
  event: EventId,
  sees: ReadonlySet<EventId>,
): readonly EventId[] {
  interface Place {
    readonly node: NodeId;
    readonly at: number;
    readonly by: EventId | undefined;
    readonly from: Place | undefined;
  }
  const places: Place[] = [{ node: form.initial, at: 0, by: undefined, from: undefined }];
  const met = new Set([`${form.initial} 0`]);
  for (const place of places) {
    const { node, at } = place;
    const initials = form.initials(node);
    if (at === saw.length && initials.includes(event)) {
      const trace: EventId[] = [];
      for (let step: Place | undefined = place; step?.by !== undefined; step = step.from) trace.unshift(step.by);
      return trace;
    }
    for (const next of initials) {
      if (next === TICK || (sees.has(next) && next !== saw[at])) continue;
      const reached = { node: form.after(node, next), at: sees.has(next) ? at + 1 : at, by: next, from: place };
      const key = `${reached.node} ${reached.at}`;
      if (met.has(key)) continue;
      met.add(key);
      places.push(reached);
    }
  }
  throw new Error('defect: a local protocol does what the whole never shows it');
}

/** The local protocol as a process: one call for each node. */
function processOf(terms: Terms, { key, role }: { key: string; role: string }, form: NormalForm): Process {
  const calls: Process[] = [];
  const at = (node: NodeId): Process => {
    const name = `AT_${role}(${node})`;
    return (calls[node] ??= terms.call(`${key} ${node}`, () => bodyOf(node), { name }));
  };
  const bodyOf = (node: NodeId): Process => {
    const branches = form
      .initials(node)
      .map((event) => (event === TICK ? terms.skip : terms.prefix(event, at(form.after(node, event)))));
    return terms.externalChoice(branches);
  };
  return at(form.initial);
}

function mixedIn({ roles }: Protocol, role: string, form: NormalForm): Pick<LocalProtocol, 'mixed'> {
  for (let node = 0; node < form.nodeCount; node++) {
    const seen = form.initials(node).filter((event) => event !== TICK);
    const performs = seen.find((event) => roles.performerOf(event) === role && roles.receiversOf(event).length > 0);
    const receives = seen.find((event) => roles.receiversOf(event).includes(role));
    if (performs === undefined || receives === undefined) continue;
    return { mixed: { performs: form.alphabet.nameOf(performs), receives: form.alphabet.nameOf(receives) } };
  }
  return {};
}
