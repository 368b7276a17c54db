/**
 * Durable processes: they survive `kill -9`.
 *
 * What each process communicates, draws and has done outside is written to a journal. A process is a function of that: after a crash its body is run
 * again, answered from the journal up to where it was, and goes on from there with everything else as it stood.
 *
 * Invariants:
 *   - a communication is one entry for both sides, written at the moment it happens; so the journal's order respects what caused what;
 *   - batches are written one after the other: one that fails is followed by none, and an owner that has lost its place writes nothing more;
 *   - nothing is shown outside (an effect, the answer of `send`) before all that led to it is durable;
 *   - under a specification, what has been sent, in the order of the journal, is a trace of it: what is not is written as a refusal, which is the outcome of
 *     the operation, and as nothing else.
 */
import type { Channel } from '../channel.ts';
import { UnlawfulEventError } from '../enforcement.ts';
import { CSPEngine } from '../engine.ts';
import { MisuseError } from '../errors.ts';
import type { Monitor } from '../monitor.ts';
import type { Network } from '../network.ts';
import { type Operation, type Suspension, WAITING, type Waiting } from '../operation.ts';
import type { AnyBody, Process } from '../process.ts';
import { Seeded } from '../seeded.ts';
import { DurableChannel, type Envelope, type Taker, Taking } from './channel.ts';
import { DurableEnforcement, type EventOf } from './enforcement.ts';
import { SpecificationError, VersionError } from './errors.ts';
import { Histories, type History } from './history.ts';
import type { Entry, Head, Journal, Place, Sent } from './journal.ts';
import { jsonOf } from './json.ts';
import { Awaited, begun } from './operation.ts';
import { DurableProcess, type Recorder } from './process.ts';

export interface DurableOptions {
  /** Names this network in the keys of its effects. */
  readonly name: string;
  /** Milliseconds on a clock that goes on across restarts. Absent: the clock of the network, for virtual time. */
  readonly now?: () => number;
  /** From 0 up to 1. Absent: reproducible, by process and epoch. */
  readonly random?: () => number;
  /** Entries that may be unwritten before processes wait for the journal. */
  readonly unwrittenMax?: number;
  /** Of the specification of what is sent. What no trace of it goes on with is refused: `UnlawfulEventError` for the sender; whoever would receive waits on. */
  readonly monitor?: Monitor;
  /** The events of the specification. Absent: `channel` or `channel.value`. */
  readonly eventOf?: EventOf;
  /** Told once, when nothing can be written any more: `FencedError`, or what the journal ended in. */
  readonly onBroken?: (error: unknown) => void;
}

export interface DurableProcessOptions {
  /** Of the code. Absent: `1`. */
  readonly version?: string;
  /** Versions whose journals this code can replay. */
  readonly accepts?: readonly string[];
  /** Waiting for ever is its job. */
  readonly service?: boolean;
}

/** `state`: that of the last checkpoint, if there is one. */
export type DurableBody<R, S> = (
  self: DurableProcess,
  state: S | undefined,
) => Iterator<Suspension, R, unknown> | Promise<R> | R;
export type DurableSteps<R, S> = (self: DurableProcess, state: S | undefined) => Generator<Suspension, R, unknown>;

const OUTSIDE = 'outside ';

interface Settling {
  readonly upTo: number;
  resolve(): void;
  reject(error: unknown): void;
}

interface Buffered {
  readonly sender: Place;
  readonly position: number;
}

/**
 * @example
 * const durable = await DurableNetwork.open(engine, journal, { name: 'shop' });
 * const orders = durable.channel<Order>('orders');
 * durable.process('clerk', function* (self) {
 *   for (;;) {
 *     const order = yield* self.receive(orders);
 *     yield* self.effect((key) => charge(order, key));
 *   }
 * });
 * await durable.send(orders, order, { key: order.id }); // answered when it survives kill -9
 */
export class DurableNetwork {
  readonly name: string;
  readonly network: Network;
  readonly #host: CSPEngine | Network;
  readonly #journal: Journal;
  readonly #options: DurableOptions;
  readonly #histories: Histories;
  readonly #enforcement: DurableEnforcement | undefined;
  readonly #channels = new Map<string, DurableChannel<unknown>>();
  readonly #running = new Map<string, DurableProcess>();
  /** Where replay of each process would begin. */
  readonly #anchors = new Map<string, number>();
  readonly #buffers = new Map<string, Buffered[]>();
  readonly #ended: Map<string, { readonly result?: unknown }>;
  /** Sends from outside that nobody has received. */
  readonly #outside = new Set<Waiting>();
  readonly #sending = new Map<string, Promise<'sent' | 'seen'>>();
  readonly #chances = new Map<string, Seeded>();
  #from: number;
  #headMoved = false;
  #entries: Entry[] = [];
  #changes: unknown[] = [];
  #marks: string[] = [];
  #length: number;
  #written: number;
  #settling: Settling[] = [];
  #writing = false;
  #broken: { readonly error: unknown } | null = null;
  #sentOutside = 0;

  private constructor(
    host: CSPEngine | Network,
    journal: Journal,
    histories: Histories,
    enforcement: DurableEnforcement | undefined,
    options: DurableOptions,
  ) {
    this.#host = host;
    this.network = host instanceof CSPEngine ? host.network : host;
    this.#journal = journal;
    this.#histories = histories;
    this.#enforcement = enforcement;
    this.#options = options;
    this.name = options.name;
    this.#length = journal.length;
    this.#written = journal.length;
    this.#from = journal.head.from;
    this.#ended = new Map([...Object.entries(journal.head.ended), ...histories.ended]);
    for (const [process, { position }] of histories.of) this.#anchors.set(process, position);
    for (const [channel, waiting] of histories.buffers)
      this.#buffers.set(
        channel,
        waiting.map(({ sender, position }) => ({ sender, position })),
      );
    void journal.fenced?.then((error) => this.#break(error));
    if (enforcement === undefined || enforcement.specification === journal.head.followed?.specification) return;
    this.#headMoved = true; // In one batch with the entry: the head always names the specification that is in force.
    this.#write({ kind: 'enforced', specification: enforcement.specification });
  }

  /**
   * Reads what the journal has. Processes go on as soon as they are given their bodies again. A specification that has changed is followed from the first
   * entry, and is in force from here on.
   *
   * @throws SpecificationError when the journal is no run of the specification, or is enforced and none is given
   */
  static async open(host: CSPEngine | Network, journal: Journal, options: DurableOptions): Promise<DurableNetwork> {
    const { name, monitor, eventOf } = options;
    const enforcement = monitor && new DurableEnforcement(monitor, eventOf);
    if (enforcement === undefined && journal.head.followed !== undefined) throw new SpecificationError(name);
    await enforcement?.follow(name, journal);
    return new DurableNetwork(host, journal, await historiesIn(journal), enforcement, options);
  }

  /** The node of the monitor that has been reached. */
  get node(): number | undefined {
    return this.#enforcement?.node;
  }

  /** Names in the journal of processes that have not ended and have no body yet. */
  get unclaimed(): readonly string[] {
    return [...this.#histories.of.keys()];
  }

  /** A channel, by name: a rendezvous, or with a buffer whose values survive. A buffer that loses values is none that lasts. */
  channel<T>(name: string, options: { readonly buffer?: number } = {}): DurableChannel<T> {
    if (this.#channels.has(name)) throw new MisuseError(`there is a durable channel ${name} already`);
    const { buffer } = options;
    if (buffer !== undefined && typeof buffer !== 'number')
      throw new RangeError(`channel ${name}: a durable buffer loses nothing; give a number of values`);
    const values = this.#histories.buffers.get(name) ?? [];
    if (buffer === undefined && values.length > 0)
      throw new RangeError(`channel ${name} has ${values.length} values in its buffer; it cannot become a rendezvous`);
    // By as many as were being received at the crash the buffer may have too much.
    const size = buffer === undefined ? {} : { buffer: Math.max(buffer, values.length) };
    const wire: Channel<Envelope> = this.network.channel<Envelope>(name, size);
    for (const { sender, value } of values) wire.trySend({ sender, value });
    const channel = new DurableChannel<T>(name, wire);
    this.#channels.set(name, channel as unknown as DurableChannel<unknown>);
    return channel;
  }

  /**
   * A process, by name: a generator function or an async function that performs nothing but operations of `self`. One that has ended is not run again.
   *
   * @throws VersionError when other code began it, MisuseError when one of that name runs
   */
  process<R, S = unknown>(name: string, body: DurableBody<R, S>, options: DurableProcessOptions = {}): Process<R> {
    if (name === '' || name.startsWith(OUTSIDE)) throw new RangeError(`'${name}' cannot name a durable process`);
    if (this.#running.has(name)) throw new MisuseError(`durable process ${name} runs already`);
    const ended = this.#ended.get(name);
    if (ended !== undefined) return this.#start(name, () => ended.result as R, options);
    const history = this.#histories.of.get(name);
    const self = this.#incarnate(name, history, options);
    return this.#start<R>(
      name,
      () => {
        const made = body(self, history?.state as S | undefined);
        if (isIterator<R>(made)) return this.#following(self, made);
        return this.#awaiting(self, made);
      },
      options,
    );
  }

  /**
   * The body of a process that a supervisor restarts: each incarnation reads the journal and goes on where the one before it was, so its partners
   * notice nothing.
   *
   * @example
   * new Supervisor(network, 'root', [{ id: 'clerk', start: () => durable.incarnation('clerk', clerk) }]).start();
   */
  incarnation<R, S = unknown>(
    name: string,
    body: DurableSteps<R, S>,
    options: DurableProcessOptions = {},
  ): (self: Process) => Generator<Suspension, R | undefined, unknown> {
    const durable = this;
    return function* (process) {
      yield* durable.settled();
      const { of, ended } = yield* durable.#awaited(() => historiesIn(durable.#journal, durable.#from));
      const result = ended.get(name) ?? durable.#ended.get(name);
      if (result !== undefined) return result.result as R | undefined;
      const history = of.get(name);
      const self = durable.#incarnate(name, history, options);
      process.whenOver(() => durable.#over(self));
      return yield* { [Symbol.iterator]: () => durable.#following(self, body(self, history?.state as S | undefined)) };
    };
  }

  /**
   * Sends from outside. Resolves when the value has been received, or has its place in the buffer, and that is durable; `seen` when a value with this key
   * has been before. Without an answer it is to be sent again, with the same key.
   *
   * @throws UnlawfulEventError when the specification does not go on with it: it has not been sent, and its key is free
   */
  async send<T>(
    channel: DurableChannel<T>,
    value: T,
    options: { readonly key?: string } = {},
  ): Promise<'sent' | 'seen'> {
    const { key } = options;
    if (key === undefined) return this.#sendOnce(channel, value);
    const before = this.#sending.get(key);
    if (before !== undefined) return before.then(() => 'seen' as const);
    const sending = this.#journal
      .seen(key)
      .then((seen) => (seen ? ('seen' as const) : this.#sendOnce(channel, value, key)));
    this.#sending.set(key, sending);
    const done = (): void => void this.#sending.delete(key);
    sending.then(done, done);
    return sending;
  }

  /** Performed, or awaited: everything that has happened so far survives a crash. */
  settled(): Operation<void> {
    return this.#awaited(() => this.#settle());
  }

  // ── Processes ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #incarnate(name: string, history: History | undefined, options: DurableProcessOptions): DurableProcess {
    const { version = '1', accepts = [] } = options;
    if (history !== undefined && history.version !== version && !accepts.includes(history.version))
      throw new VersionError(name, history.version, version);
    const self = new DurableProcess(this.#recorder, name, version, history);
    this.#histories.of.delete(name);
    this.#running.set(name, self);
    if (history === undefined) this.#anchors.set(name, this.#write({ kind: 'begun', process: name, version }));
    return self;
  }

  #start<R>(name: string, body: () => unknown, { service = false }: DurableProcessOptions): Process<R> {
    const run = body as AnyBody<R>;
    const process =
      this.#host instanceof CSPEngine
        ? this.#host.process<R>(name, run, { service })
        : this.#host.start(this.#host.create<R>(name, run, { service }));
    process.whenOver(() => this.#over(this.#running.get(name)));
    return process;
  }

  *#following<R>(self: DurableProcess, made: Iterator<Suspension, R, unknown>): Generator<Suspension, R, unknown> {
    const result = yield* { [Symbol.iterator]: () => made };
    this.#end(self, result);
    yield* this.settled();
    return result;
  }

  #over(self: DurableProcess | undefined): void {
    if (self !== undefined && this.#running.get(self.name) === self) this.#running.delete(self.name);
  }

  async #awaiting<R>(self: DurableProcess, made: Promise<R> | R): Promise<R> {
    const result = await made;
    this.#end(self, result);
    await this.#settle();
    return result;
  }

  #end({ name, operations }: DurableProcess, result: unknown): void {
    const told = result === undefined ? {} : { result: jsonOf(result) };
    this.#write({ kind: 'ended', process: name, offer: operations, ...told });
    this.#ended.set(name, told);
    this.#anchors.delete(name);
    this.#headMoved = true;
  }

  readonly #recorder: Recorder = ((durable: DurableNetwork): Recorder => ({
    get name() {
      return durable.name;
    },
    check: () => durable.#check(),
    write(entry, changes) {
      const position = durable.#write(entry, changes);
      if (entry.kind !== 'checkpoint') return;
      durable.#anchors.set(entry.process, position);
      durable.#headMoved = true;
    },
    sent: (channel, sender, output, value, taker) => durable.#sent(channel, sender, output, value, taker),
    taken: (channel, envelope, taking) => durable.#taken(channel, envelope, taking),
    crowded: () =>
      durable.#length - durable.#written < (durable.#options.unwrittenMax ?? 10_000) ? null : durable.settled(),
    settled: () => durable.settled(),
    awaited: (begin) => durable.#awaited(begin),
    delay: (milliseconds) => (durable.network.current ?? durable.network.outside()).delay(milliseconds),
    stop: () => durable.network.channel<never>('STOP').receive(),
    now: () => durable.#options.now?.() ?? durable.network.now(),
    random: (process) => durable.#random(process),
  }))(this);

  #random(process: string): number {
    const { random } = this.#options;
    if (random !== undefined) return random();
    let chance = this.#chances.get(process);
    if (chance === undefined) {
      let seed = this.#journal.epoch;
      for (const character of process) seed = (Math.imul(seed, 31) + character.codePointAt(0)!) | 0;
      this.#chances.set(process, (chance = new Seeded(seed)));
    }
    return chance.next() / 2 ** 32;
  }

  #awaited<T>(begin: () => Promise<T>): Operation<T> {
    return new Awaited(this.network, begin);
  }

  // ── Communication ─────────────────────────────────────────────────────────────────────────────────────────────────

  async #sendOnce<T>(channel: DurableChannel<T>, given: T, key?: string): Promise<'sent'> {
    this.#check();
    const sender: Place = [`${OUTSIDE}${this.#journal.epoch}`, ++this.#sentOutside];
    const value = jsonOf(given);
    const commit = (taker: Taker): void => {
      this.#sent(channel.name, sender, undefined, value, taker);
      if (key !== undefined) this.#marks.push(key);
    };
    const sending = channel.wire.send({ sender, value }, { commit });
    const waiting = sending as unknown as Waiting;
    this.#outside.add(waiting);
    try {
      await begun(sending);
    } catch (error) {
      // A refusal is an answer too: what led to it must not be undone.
      if (error instanceof UnlawfulEventError) await this.#settle();
      throw error;
    } finally {
      this.#outside.delete(waiting);
    }
    await this.#settle();
    return 'sent';
  }

  /** Called at the moment of delivery. */
  #sent(channel: string, sender: Place, output: string | undefined, value: unknown, taker: Taker): void {
    const from = { channel, sender, ...(output === undefined ? {} : { output }) };
    const told = value === undefined ? {} : { value };
    if (taker instanceof Taking) {
      const { receiver, guard } = taker;
      const input = guard === undefined ? {} : { input: guard };
      this.#writeSent({ kind: 'communicated', ...from, receiver, ...input, ...told });
      taker.recorded = true;
      return;
    }
    const position = this.#writeSent({ kind: 'buffered', ...from, ...told });
    const buffer = this.#buffers.get(channel) ?? [];
    buffer.push({ sender, position });
    this.#buffers.set(channel, buffer);
  }

  /** @throws UnlawfulEventError */
  #writeSent(entry: Sent): number {
    const judgment = this.#enforcement?.judge(entry);
    if (judgment?.kind === 'unlawful') {
      const { channel, sender, output, value } = entry;
      const { event, reason } = judgment;
      const guard = output === undefined ? {} : { output };
      const told = value === undefined ? {} : { value };
      // Whoever sends from outside is not replayed.
      if (!sender[0].startsWith(OUTSIDE))
        this.#write({ kind: 'refused', channel, sender, ...guard, ...told, event, reason });
      throw new UnlawfulEventError(event, reason);
    }
    const position = this.#write(entry);
    if (judgment !== undefined) this.#enforcement!.node = judgment.node;
    return position;
  }

  #taken(channel: string, { sender, value }: Envelope, { receiver, guard, recorded }: Taking): void {
    if (recorded) return;
    const input = guard === undefined ? {} : { input: guard };
    this.#write({ kind: 'taken', channel, sender, receiver, ...input, ...(value === undefined ? {} : { value }) });
    const buffer = this.#buffers.get(channel)!;
    buffer.splice(
      buffer.findIndex(({ sender: other }) => other[0] === sender[0] && other[1] === sender[1]),
      1,
    );
  }

  // ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #check(): void {
    if (this.#broken !== null) throw this.#broken.error;
  }

  #write(entry: Entry, changes: readonly unknown[] = []): number {
    this.#check();
    this.#entries.push(entry);
    this.#changes.push(...changes);
    if (!this.#writing) {
      this.#writing = true;
      void this.#writeAll();
    }
    return this.#length++;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#entries.length > 0) {
        await undefined; // What one turn of the network brings goes together.
        const entries = this.#entries;
        const batch = { entries, changes: this.#changes, marks: this.#marks, ...this.#movedHead() };
        this.#entries = [];
        this.#changes = [];
        this.#marks = [];
        await this.#journal.append(batch);
        this.#written += entries.length;
        const settled = this.#settling.filter(({ upTo }) => upTo <= this.#written);
        this.#settling = this.#settling.filter(({ upTo }) => upTo > this.#written);
        for (const { resolve } of settled) resolve();
      }
    } catch (error) {
      this.#break(error);
    }
    this.#writing = false;
  }

  #movedHead(): { readonly head?: Head } {
    if (!this.#headMoved) return {};
    this.#headMoved = false;
    let from = this.#length;
    for (const position of this.#anchors.values()) if (position < from) from = position;
    for (const buffer of this.#buffers.values())
      for (const { position } of buffer) if (position < from) from = position;
    this.#from = from;
    const followed = this.#enforcement && { followed: this.#enforcement.followed(this.#length) };
    return { head: { from, ended: Object.fromEntries(this.#ended), ...followed } };
  }

  #settle(): Promise<void> {
    if (this.#broken !== null) return Promise.reject(this.#broken.error);
    if (this.#written === this.#length) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#settling.push({ upTo: this.#length, resolve, reject });
    });
  }

  /** Whoever waits is told; whoever goes on is told at its next operation. */
  #break(error: unknown): void {
    if (this.#broken !== null) return;
    this.#broken = { error };
    const settling = this.#settling;
    this.#settling = [];
    for (const { reject } of settling) reject(error);
    for (const self of this.#running.values()) self.interrupt(error);
    for (const waiting of [...this.#outside]) if (waiting.state === WAITING) waiting.fail(error);
    this.#options.onBroken?.(error);
  }
}

async function historiesIn(journal: Journal, from = journal.head.from): Promise<Histories> {
  const histories = new Histories();
  let position = from;
  for await (const entry of journal.read(from)) histories.add(entry, position++);
  return histories;
}

function isIterator<R>(value: unknown): value is Iterator<Suspension, R, unknown> {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}
