/**
 * Composites: the operators of the algebra over running processes.
 *
 * A composite is a value: processes that perform events by name, combined by the operators. Started, every process of it is a process of the network, and every
 * event an agreement between those that the operators require: in parallel composition all that synchronize on it, in interleaving and choice any of them.
 * What is visible at the top needs nobody else. The first visible event of one side of a choice withdraws the other side; the first visible event of
 * the interrupting side withdraws the interrupted one; hidden events decide nothing.
 *
 * Inside, processes may use channels too; those are no events of the algebra: they decide no choice and are not hidden.
 *
 * Roscoe, Understanding Concurrent Systems, ch. 2, 3, 5 and 9 (interrupt).
 */
import { ProcessError } from './errors.ts';
import { MultiwayEvent, type Party } from './multiway.ts';
import type { Network } from './network.ts';
import type { Operation, Suspension } from './operation.ts';
import type { Process } from './process.ts';

/** Offers to perform an event; may be a guard of a choice. */
export type Perform = (event: string) => Operation<void>;
export type PerformingBody = (perform: Perform, self: Process) => Iterator<Suspension, unknown, unknown>;

export type Composite =
  | {
      readonly kind: 'process';
      readonly name: string;
      readonly alphabet: readonly string[];
      readonly body: PerformingBody;
    }
  | { readonly kind: 'sequential' | 'interleave' | 'choice' | 'interrupt'; readonly parts: readonly Composite[] }
  | { readonly kind: 'generalized'; readonly parts: readonly Composite[]; readonly synchronized: ReadonlySet<string> }
  | {
      readonly kind: 'alphabetized';
      readonly parts: readonly Composite[];
      readonly alphabets: readonly ReadonlySet<string>[];
    }
  | { readonly kind: 'hide'; readonly parts: readonly Composite[]; readonly hidden: ReadonlySet<string> }
  | { readonly kind: 'rename'; readonly parts: readonly Composite[]; readonly names: ReadonlyMap<string, string> };

/**
 * @example
 * const P = composite.process('P', ['a', 'b'], function* (perform) { yield* perform('a'); yield* perform('b'); });
 * const Q = composite.process('Q', ['a'], function* (perform) { yield* perform('a'); });
 * const system = composite.hide(composite.parallel(P, ['a'], Q), ['a']); // (P [|{a}|] Q) \\ {a}
 */
export const composite = {
  /** A process that performs the events of its alphabet. */
  process(name: string, alphabet: readonly string[], body: PerformingBody): Composite {
    return { kind: 'process', name, alphabet, body };
  },
  /** `P ; Q`: each begins when the one before it has ended. */
  sequential(...parts: Composite[]): Composite {
    return { kind: 'sequential', parts };
  },
  /** `P [|A|] Q`: both perform what is in `A` together, and everything else alone. */
  parallel(left: Composite, synchronized: Iterable<string>, right: Composite): Composite {
    return { kind: 'generalized', parts: [left, right], synchronized: new Set(synchronized) };
  },
  /** `P [A||B] Q`: each performs only what is in its alphabet, and what is in both together. */
  alphabetized(left: Composite, a: Iterable<string>, b: Iterable<string>, right: Composite): Composite {
    return { kind: 'alphabetized', parts: [left, right], alphabets: [new Set(a), new Set(b)] };
  },
  /** `P ||| Q`: side by side, together in nothing but the end. */
  interleave(...parts: Composite[]): Composite {
    return { kind: 'interleave', parts };
  },
  /** `P [] Q`: the first visible event, or the end, of one withdraws the others. */
  choice(...parts: Composite[]): Composite {
    return { kind: 'choice', parts };
  },
  /** `P \\ A`: nobody outside sees or hinders what is in `A`. */
  hide(process: Composite, hidden: Iterable<string>): Composite {
    return { kind: 'hide', parts: [process], hidden: new Set(hidden) };
  },
  /** `P [[a <- b]]` for each `a: 'b'`. */
  rename(process: Composite, names: Readonly<Record<string, string>>): Composite {
    return { kind: 'rename', parts: [process], names: new Map(Object.entries(names)) };
  },
  /** `P /\\ Q`: the first visible event of `Q` withdraws `P`, unless `P` has ended. */
  interrupt(process: Composite, by: Composite): Composite {
    return { kind: 'interrupt', parts: [process, by] };
  },
};

/** A composite that runs. */
class Node {
  readonly composite: Composite;
  readonly parent: Node | null;
  readonly children: readonly Node[];
  /** Of a process. */
  process: Process | null = null;
  over = false;
  withdrawn = false;
  /** Of a choice or interrupt: the side that went on. */
  decided: Node | null = null;
  /** Events hidden here; at the top, the visible ones. */
  readonly events = new Map<string, MultiwayEvent>();

  constructor(composite: Composite, parent: Node | null) {
    this.composite = composite;
    this.parent = parent;
    this.children = composite.kind === 'process' ? [] : composite.parts.map((part) => new Node(part, this));
  }

  *leaves(): Generator<Node> {
    if (this.composite.kind === 'process') yield this;
    for (const child of this.children) yield* child.leaves();
  }
}

/**
 * Starts a composite; the process returned ends with it, and its result is the trace of visible events. `onEvent` is told of each as it happens.
 *
 * @throws ProcessError, in that process, when one of its processes fails
 */
export function compose(
  network: Network,
  name: string,
  system: Composite,
  onEvent?: (event: string) => void,
): Process<readonly string[]> {
  const root = new Node(system, null);
  const trace: string[] = [];
  const end = network.channel<ProcessError | null>(`the end of ${name}`, { buffer: 1 });
  const finish = (error: ProcessError | null) => {
    if (end.status !== 'open') return;
    end.trySend(error);
    end.close();
  };

  for (const node of root.leaves()) prepare(node);
  for (const node of root.leaves()) connect(node);
  const whole = network.spawn(
    name,
    function* () {
      const error = yield* end.receive();
      if (error !== null) throw error;
      return trace as readonly string[];
    },
    { service: true },
  );
  start(root);
  return whole;

  function prepare(node: Node): void {
    const { name: own, alphabet, body } = node.composite as Extract<Composite, { kind: 'process' }>;
    const perform: Perform = (event) => {
      if (!alphabet.includes(event))
        throw new RangeError(`process ${own} performs ${event}, which is not in its alphabet {${alphabet.join(', ')}}`);
      const { scope, seenAs } = seenFrom(node, event);
      return scope.events.get(seenAs)!.syncAs(event);
    };
    node.process = network.create<unknown>(own, (self) => body(perform, self));
    node.process.whenOver((process) => {
      if (process.status === 'failed' || process.status === 'poisoned')
        finish(new ProcessError(process.name, process.error));
      else if (!node.withdrawn) ended(node);
    });
  }

  /** Makes the events of a process where they are decided. */
  function connect(node: Node): void {
    for (const event of (node.composite as Extract<Composite, { kind: 'process' }>).alphabet) {
      const { scope, seenAs } = seenFrom(node, event);
      if (scope.events.has(seenAs)) continue;
      const inside = scope.composite.kind === 'hide' ? scope.children[0]! : scope;
      const agreement = new MultiwayEvent(network, seenAs, partyOf(inside, seenAs));
      agreement.happened = (by) => {
        const hidden = scope.composite.kind === 'hide' && scope.composite.hidden.has(seenAs);
        if (!hidden) {
          trace.push(seenAs);
          onEvent?.(seenAs);
        }
        for (const leaf of root.leaves()) if (by.includes(leaf.process!)) decide(leaf, hidden ? scope : null);
      };
      scope.events.set(seenAs, agreement);
    }
  }

  /** A visible event of `leaf` decides the choices and interrupts above it, up to where it is hidden. */
  function decide(leaf: Node, scope: Node | null): void {
    for (let node = leaf; node.parent !== null && node.parent !== scope; node = node.parent) {
      const { parent } = node;
      if (parent.decided !== null) continue;
      const { kind } = parent.composite;
      if (kind === 'choice' || (kind === 'interrupt' && node === parent.children[1])) settle(parent, node);
    }
  }

  function settle(parent: Node, side: Node): void {
    parent.decided = side;
    for (const other of parent.children) if (other !== side) withdraw(other);
  }

  function withdraw(node: Node): void {
    for (const leaf of node.leaves()) {
      if (leaf.withdrawn || leaf.process!.isOver) continue;
      leaf.withdrawn = true;
      if (leaf.process!.status !== 'created') network.cancel(leaf.process!, 'withdrawn by its composite');
    }
  }

  function start(node: Node): void {
    if (node.process !== null) {
      if (!node.withdrawn) network.start(node.process);
    } else if (node.children.length === 0) ended(node);
    else if (node.composite.kind === 'sequential') start(node.children[0]!);
    else for (const child of node.children) start(child);
  }

  function ended(node: Node): void {
    if (node.over) return;
    node.over = true;
    const { parent } = node;
    if (parent === null) {
      finish(null);
      return;
    }
    switch (parent.composite.kind) {
      case 'sequential': {
        const following = parent.children[parent.children.indexOf(node) + 1];
        if (following === undefined) ended(parent);
        else start(following);
        return;
      }
      case 'choice':
      case 'interrupt':
        if (parent.decided === null) settle(parent, node);
        if (parent.decided === node) ended(parent);
        return;
      default:
        if (parent.children.every((child) => child.over)) ended(parent);
    }
  }
}

/** Where an event of a process is decided: where it is hidden, else at the top; and its name there. */
function seenFrom(leaf: Node, event: string): { scope: Node; seenAs: string } {
  let seenAs = event;
  let node = leaf;
  for (; node.parent !== null; node = node.parent) {
    const { composite: above } = node.parent;
    if (above.kind === 'rename') seenAs = above.names.get(seenAs) ?? seenAs;
    if (above.kind === 'hide' && above.hidden.has(seenAs)) return { scope: node.parent, seenAs };
  }
  return { scope: node, seenAs };
}

const NEVER: Party = { kind: 'any', parties: [] };
const blocked = (party: Party): Party => ({ kind: 'all', parties: [party, NEVER] });

/** Who must take part in an event, by its name as seen at `node`. */
function partyOf(node: Node, event: string): Party {
  const { composite: here, children } = node;
  switch (here.kind) {
    case 'process':
      return here.alphabet.includes(event) ? { kind: 'process', process: node.process!, name: event } : NEVER;
    case 'hide':
      return here.hidden.has(event) ? NEVER : partyOf(children[0]!, event);
    case 'rename': {
      const before = [...here.names].filter(([, to]) => to === event).map(([from]) => from);
      if (!here.names.has(event)) before.push(event);
      return { kind: 'any', parties: before.map((name) => partyOf(children[0]!, name)) };
    }
    case 'generalized':
      return {
        kind: here.synchronized.has(event) ? 'all' : 'any',
        parties: children.map((child) => partyOf(child, event)),
      };
    case 'alphabetized': {
      const within = here.alphabets.map((alphabet) => alphabet.has(event));
      const parties = children.map((child, i) => (within[i] ? partyOf(child, event) : blocked(partyOf(child, event))));
      return { kind: within.every(Boolean) ? 'all' : 'any', parties };
    }
    default:
      return { kind: 'any', parties: children.map((child) => partyOf(child, event)) };
  }
}
