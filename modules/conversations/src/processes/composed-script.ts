/**
 * From a composition to what is checked and what is performed.
 *
 * Checked is its meaning: the operators of CSP over the parts, channels shared by name. It does not say which of two parts received an event, nor what a
 * hidden event was; who carries the messages between them has to know. So performed is a second process, whose events are numbered steps: one for each
 * set of parts that can communicate on a channel together. With its hidden steps hidden and the others called by their channels it must refine the
 * meaning; the checker decides that with the rest, for each composition.
 */
import { fault } from '../fault.ts';
import type { Enforced } from '../verification/examine.ts';
import { type Communication, channelsOf, isAlone, nameOf, stepOf } from './communication.ts';
import { isConcurrent, type Leaf, leavesOf, type Part } from './composition.ts';
import { SYSTEM } from './script.ts';
import type { Steps } from './step.ts';
import { MESSAGE } from './steps.ts';

export interface ComposedScript {
  /** What the composition means, for people and for the checker. */
  readonly source: string;
  readonly enforced: Enforced;
  readonly obligations: readonly string[];
  /** By the events of the process that is performed. */
  readonly steps: Steps;
  /** What was found of the steps, said of channels. */
  worded<Found>(found: Found): Found;
  /** Channels on which it receives from outside, and on which it sends there. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A part as it is being composed. */
interface Term {
  readonly meaning: string;
  readonly performed: string;
  readonly communications: readonly Communication[];
}

const STEP_COUNT_MAX = 1000;

/**
 * @throws Fault `CSP-CNV-017` for channels the parts do not have or share, for two that would send in one communication, and for more than 1000 steps.
 *
 * @example
 * composedScript({ kind: 'composite', operator: 'sequential', parts: [hello, goodbye] }).source; // ends with: PROCESS = (hello_1::PROCESS[[…]] ; …)
 */
export function composedScript(tree: Part): ComposedScript {
  return new Composing(tree).script();
}

class Composing {
  readonly #tree: Part;
  readonly #leaves: readonly Leaf[];
  /** Every name a channel has anywhere in it. */
  readonly #channels = new Set<string>();
  readonly #step: string;
  #stepCount = 0;
  #leafCount = 0;

  constructor(tree: Part) {
    this.#tree = tree;
    this.#leaves = leavesOf(tree);
    this.#step = this.#fresh('step');
  }

  script(): ComposedScript {
    const { meaning, performed, communications } = this.#term(this.#tree);
    const names = [...this.#channels];
    const modules = this.#leaves.map((leaf, index) => this.#module(leaf, index, names));
    const system = this.#fresh('PERFORMED');
    const outside = communications.filter((one) => !isAlone(one));
    return {
      source: [`datatype Message = ${MESSAGE}`, ...modules, ...declared(names), `${SYSTEM} =`, `  ${meaning}`, ''].join(
        '\n',
      ),
      enforced: {
        system,
        script: [
          `channel ${this.#step} : {0..${this.#stepCount}}`,
          `${system} =`,
          `  ${performed}`,
          `assert ${SYSTEM} [FD= ${this.#shown(system, communications)}`,
          `assert ${this.#hiding(system, communications.filter(isAlone))} :[divergence free]`,
          '',
        ].join('\n'),
      },
      obligations: [':[divergence free]', ...(isConcurrent(this.#tree) ? [':[deadlock free]'] : [])],
      steps: Object.fromEntries(communications.map((one) => [this.#event(one), stepOf(one)])),
      worded: (found) => this.#worded(found, communications),
      inputs: channelsOf(outside.filter(({ sender }) => sender === undefined)),
      outputs: channelsOf(outside.filter(({ sender }) => sender !== undefined)),
    };
  }

  #worded<Found>(found: Found, communications: readonly Communication[]): Found {
    const names = new Map(communications.map((one) => [this.#event(one), nameOf(one)]));
    const events = new RegExp(`(?<![\\w'])${this.#step}\\.\\d+`, 'g');
    return JSON.parse(JSON.stringify(found).replaceAll(events, (event) => names.get(event) ?? event));
  }

  #term(part: Part): Term {
    if (part.kind === 'leaf') return this.#leaf(part);
    const terms = part.parts.map((one) => this.#term(one));
    const { hide, rename, synchronize } = part;
    switch (part.operator) {
      case 'sequential':
        return joined(terms, ';');
      case 'choice':
        return terms.reduce((left, right) => this.#deciding(left, right, '[]'));
      case 'interleaving':
        return joined(terms, '|||');
      case 'interrupt':
        return terms.reduce((left, right) => this.#deciding(left, right, '/\\'));
      case 'parallel':
        return this.#hidden(this.#parallel(terms, synchronize), hide ?? []);
      case 'hiding':
        return this.#hidden(terms[0]!, hide ?? []);
      case 'renaming':
        return this.#renamed(terms[0]!, rename ?? {});
    }
  }

  #leaf({ inputs, outputs }: Leaf): Term {
    const index = this.#leafCount++;
    const name = this.#moduleName(index);
    const communications = [
      ...[...new Set(inputs)].map((channel) => this.#communication({ channel, receivers: [index] })),
      ...[...new Set(outputs)].map((channel) => this.#communication({ channel, sender: index, receivers: [] })),
    ];
    for (const { channel } of communications) this.#channels.add(channel);
    const own = `${name}::${SYSTEM}`;
    return {
      meaning: renaming(
        own,
        communications.map(({ channel }) => [`${name}::${channel}`, channel]),
      ),
      performed: renaming(
        own,
        communications.map((one) => [`${name}::${one.channel}.${MESSAGE}`, this.#event(one)]),
      ),
      communications,
    };
  }

  #parallel(terms: readonly Term[], synchronize: readonly string[] | undefined): Term {
    const agreed = new Set<string>();
    const together = terms.reduce((left, right) => {
      const channels = channelsOf(left.communications).filter(
        (channel) => channelsOf(right.communications).includes(channel) && synchronize?.includes(channel) !== false,
      );
      for (const channel of channels) agreed.add(channel);
      return this.#agreeing(left, right, channels);
    });
    for (const channel of synchronize ?? [])
      if (!agreed.has(channel))
        throw fault('CSP-CNV-017', `no two of the parts have the channel ${channel}, so they cannot synchronize on it`);
    return together;
  }

  /** Both together on the channels, each for itself on the others. */
  #agreeing(left: Term, right: Term, channels: readonly string[]): Term {
    if (channels.length === 0) return joined([left, right], '|||');
    const meets = ({ hidden, channel }: Communication): boolean => !hidden && channels.includes(channel);
    const pairs = left.communications
      .filter(meets)
      .flatMap((one) =>
        right.communications
          .filter((other) => meets(other) && other.channel === one.channel)
          .map((other) => ({ one, other, both: this.#meeting(one, other) })),
      );
    const steps = pairs.map(({ both }) => this.#event(both));
    const mine = pairs.map(({ one, both }): [string, string] => [this.#event(one), this.#event(both)]);
    const theirs = pairs.map(({ other, both }): [string, string] => [this.#event(other), this.#event(both)]);
    return {
      meaning: `(${left.meaning} [| {| ${channels.join(', ')} |} |] ${right.meaning})`,
      performed: `(${renaming(left.performed, mine)} [| {${steps.join(', ')}} |] ${renaming(right.performed, theirs)})`,
      communications: [
        ...[...left.communications, ...right.communications].filter((one) => !meets(one)),
        ...pairs.map(({ both }) => both),
      ],
    };
  }

  /**
   * What is hidden decides no choice and interrupts nothing; a numbered step would. So where parts can begin hidden, they are put beside each other, and
   * a third process lets both begin and one go on. The end of either part is a hidden step of its own, which ends the other.
   */
  #deciding(left: Term, right: Term, operator: '[]' | '/\\'): Term {
    const plain = joined([left, right], operator);
    const communications = operator === '[]' ? plain.communications : right.communications;
    if (!communications.some(({ hidden }) => hidden)) return plain;
    const [ends, theirs] = [this.#end(), this.#end()];
    const [leftSteps, rightSteps] = [left, right].map((term) => term.communications.map((one) => this.#event(one)));
    const decides = (term: Term) => term.communications.filter(({ hidden }) => !hidden).map((one) => this.#event(one));
    const begins = plain.communications.filter(({ hidden }) => hidden).map((one) => this.#event(one));
    const [Open, Left, Right, e] = ['Open', 'Left', 'Right', 'e'].map((name) => this.#fresh(name));
    const lets = (events: readonly string[], next = '') => `([] ${e} : {${events.join(', ')}} @ ${e} -> ${next})`;
    const [end, other] = [this.#event(ends), this.#event(theirs)];
    const open = [
      lets(begins, Open),
      lets(decides(left), operator === '[]' ? Left : Open),
      lets(decides(right), Right),
      lets([end, other], 'SKIP'),
    ];
    const until = (term: Term, own: string, others: string) =>
      `((${term.performed} ; ${own} -> SKIP) /\\ ${others} -> SKIP)`;
    const regulator = [
      'let',
      `${Open} = ${open.join(' [] ')}`,
      `${Left} = ${lets(leftSteps!, Left)} [] ${end} -> SKIP`,
      `${Right} = ${lets(rightSteps!, Right)} [] ${other} -> SKIP`,
      `within ${Open}`,
    ].join('\n');
    const all = [...leftSteps!, ...rightSteps!, end, other].join(', ');
    return {
      ...plain,
      performed: `((${until(left, end, other)} [| {${end}, ${other}} |] ${until(right, other, end)}) [| {${all}} |] (${regulator}))`,
      communications: [...plain.communications, ends, theirs],
    };
  }

  /** Nobody communicates: a part has ended. */
  #end(): Communication {
    return { ...this.#communication({ channel: '', receivers: [] }), hidden: true };
  }

  #meeting(one: Communication, other: Communication): Communication {
    const { channel } = one;
    if (one.sender !== undefined && other.sender !== undefined) {
      const [first, second] = [this.#leaves[one.sender]!.name, this.#leaves[other.sender]!.name];
      throw fault(
        'CSP-CNV-017',
        `${first} and ${second} both send on ${channel}: in one communication one sends and the others receive. Leave ${channel} out of synchronize, or rename it in one of them`,
        { details: { channel } },
      );
    }
    const sender = one.sender ?? other.sender;
    const receivers = [...one.receivers, ...other.receivers];
    return this.#communication({ channel, receivers, ...(sender !== undefined && { sender }) });
  }

  #hidden(term: Term, hide: readonly string[]): Term {
    if (hide.length === 0) return term;
    requireChannels(term, hide, 'hidden');
    return {
      ...term,
      meaning: `(${term.meaning} \\ {| ${hide.join(', ')} |})`,
      communications: term.communications.map((one) => (hide.includes(one.channel) ? { ...one, hidden: true } : one)),
    };
  }

  #renamed(term: Term, rename: Readonly<Record<string, string>>): Term {
    requireChannels(term, Object.keys(rename), 'renamed');
    for (const name of Object.values(rename)) this.#channels.add(name);
    const renamed = (channel: string) => (Object.hasOwn(rename, channel) ? rename[channel]! : channel);
    return {
      ...term,
      meaning: renaming(term.meaning, Object.entries(rename)),
      communications: term.communications.map((one) => (one.hidden ? one : { ...one, channel: renamed(one.channel) })),
    };
  }

  #communication(one: Omit<Communication, 'step' | 'hidden'>): Communication {
    if (this.#stepCount >= STEP_COUNT_MAX)
      throw fault(
        'CSP-CNV-017',
        `the parts can communicate in more than ${STEP_COUNT_MAX} ways; compose fewer of them`,
      );
    return { ...one, step: this.#stepCount++, hidden: false };
  }

  #event({ step }: Communication): string {
    return `${this.#step}.${step}`;
  }

  /** What is performed as it is seen from outside. */
  #shown(system: string, communications: readonly Communication[]): string {
    const hidden = communications.filter((one) => one.hidden);
    const shown = communications.filter((one) => !one.hidden);
    return renaming(
      this.#hiding(system, hidden),
      shown.map((one) => [this.#event(one), `${one.channel}.${MESSAGE}`]),
    );
  }

  #hiding(system: string, communications: readonly Communication[]): string {
    if (communications.length === 0) return system;
    return `(${system} \\ {${communications.map((one) => this.#event(one)).join(', ')}})`;
  }

  #moduleName(index: number): string {
    const called = this.#leaves[index]!.name.replaceAll(/\W+/g, '_').slice(0, 40);
    return this.#fresh(`${/^[A-Za-z]/.test(called) ? called : `part_${called}`}_${index + 1}`);
  }

  #module({ inputs, outputs, behavior }: Leaf, index: number, names: readonly string[]): string {
    const own = [...new Set([...inputs, ...outputs])];
    return [
      `module ${this.#moduleName(index)}`,
      'exports',
      ...declared(own),
      `${SYSTEM} =`,
      // A variable called like a channel of others would be taken for that channel.
      names.reduce(
        (text, channel, number) =>
          own.includes(channel)
            ? text
            : text.replaceAll(word(channel), this.#fresh(`${channel.replaceAll("'", '')}_${number}`)),
        behavior,
      ),
      'endmodule',
    ].join('\n');
  }

  /** A name that nothing in the parts has. */
  #fresh(name: string): string {
    const taken = (one: string): boolean =>
      this.#leaves.some(
        ({ behavior, inputs, outputs }) =>
          behavior.search(word(one)) >= 0 || inputs.includes(one) || outputs.includes(one),
      ) || renamedTo(this.#tree).includes(one);
    let fresh = name;
    while (taken(fresh)) fresh += '_';
    return fresh;
  }
}

function joined(terms: readonly Term[], operator: string): Term {
  return {
    meaning: `(${terms.map(({ meaning }) => meaning).join(` ${operator} `)})`,
    performed: `(${terms.map(({ performed }) => performed).join(` ${operator} `)})`,
    communications: terms.flatMap(({ communications }) => communications),
  };
}

function renaming(term: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.length === 0 ? term : `${term}[[${pairs.map(([from, to]) => `${from} <- ${to}`).join(', ')}]]`;
}

function declared(channels: readonly string[]): readonly string[] {
  return channels.length === 0 ? [] : [`channel ${channels.join(', ')} : Message`];
}

function requireChannels({ communications }: Term, wanted: readonly string[], what: string): void {
  const known = channelsOf(communications);
  for (const channel of wanted)
    if (!known.includes(channel))
      throw fault(
        'CSP-CNV-017',
        `${channel} cannot be ${what}: the channels of the parts are ${known.join(', ') || 'none'}`,
        { details: { channel, channels: known } },
      );
}

function renamedTo(part: Part): readonly string[] {
  if (part.kind === 'leaf') return [];
  return [...Object.values(part.rename ?? {}), ...part.parts.flatMap(renamedTo)];
}

/** The name where it stands as a whole. */
function word(name: string): RegExp {
  return new RegExp(`(?<![\\w'])${name}(?![\\w'])`, 'g');
}
