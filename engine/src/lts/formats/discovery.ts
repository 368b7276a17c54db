/**
 * The formats of a process: its operators are followed as far as they are networks, and what each format passes control on to is looked for among
 * the formats of the same place, or added there, until nothing new is met.
 */
import { contains, type EventId, type Process, TAU, type Terms } from '../../csp/index.ts';
import { type Leaf, leafOf } from '../leaf.ts';
import { LimitReached, type Limits } from '../lts.ts';
import { unfolded } from '../network.ts';
import { NotCompilable } from '../not-compilable.ts';
import type { Agreement } from '../rules.ts';
import type { Watch } from '../watch.ts';
import { isNetwork } from './composition.ts';
import type { Cell, Entry, Format, Place, Shape } from './format.ts';
import { entryAt } from './recognition.ts';

/** A sequential process between networks. */
const LEAF_STATE_MAX = 50_000;
/** More would mean that they are made one by one, by a recursion or by data. */
const FORMAT_COUNT_MAX = 400;

export class Discovery {
  readonly #terms: Terms;
  readonly #limits: Limits;
  readonly #wholeStateMax: number;
  readonly #watch: Watch;
  /** Steps whose target has still to find its format. */
  readonly #pending: { readonly place: Place; readonly process: Process; readonly then: (entry: Entry) => void }[] = [];
  #count = 0;
  #switches = false;

  constructor(terms: Terms, limits: Limits, wholeStateMax: number, watch: Watch) {
    this.#wholeStateMax = wholeStateMax;
    this.#terms = terms;
    this.#limits = limits;
    this.#watch = watch;
  }

  /** The place of the whole process, with its formats; undefined where control never passes from one to another. */
  of(process: Process): Place | undefined {
    const root: Place = { parent: undefined, formats: [] };
    this.#create(root, process, true);
    for (const { place, process, then } of this.#pending) {
      this.#watch.check(this.#count, 0);
      then(this.#enter(place, process));
    }
    return this.#switches ? root : undefined;
  }

  #later(place: Place, process: Process, then: (entry: Entry) => void): void {
    this.#switches = true;
    this.#pending.push({ place, process, then });
  }

  #enter(place: Place, process: Process): Entry {
    for (const format of place.formats) {
      const entry = entryAt(process, format);
      if (entry !== undefined) return entry;
    }
    return { format: this.#create(place, process, false), at: undefined };
  }

  /** `isStatic`: nothing around it starts or stops it, so its parts are components however small. */
  #create(place: Place, process: Process, isStatic: boolean): Format {
    if (++this.#count > FORMAT_COUNT_MAX) throw new NotCompilable(`more than ${FORMAT_COUNT_MAX} formats`);
    const format: Format = { place, names: new Set(), shape: undefined };
    place.formats.push(format);
    let part = process;
    while (part.kind === 'call' || part.kind === 'compress') {
      this.#name(format, part);
      const inner = part.kind === 'call' ? unfolded(part) : part.process;
      if (format.names.has(inner)) break;
      part = inner;
    }
    this.#name(format, part);
    format.shape = this.#shapeOf(format, part, isStatic);
    return format;
  }

  #name(format: Format, process: Process): void {
    for (let around = format.place.parent; around !== undefined; around = around.place.parent) {
      if (process.kind === 'call' && around.names.has(process))
        throw new NotCompilable('a recursion nests under operators that do not end');
    }
    format.names.add(process);
  }

  #shapeOf(format: Format, process: Process, isStatic: boolean): Shape {
    if (isNetwork(process)) {
      const whole = isStatic && isFixed(process) ? undefined : this.#whole(format, process);
      const shape = whole ?? this.#splitOf(format, process, isStatic);
      if (shape !== undefined) return shape;
    }
    return this.#whole(format, process) ?? this.#sequential(format, process);
  }

  /** As one component, if it is small. */
  #whole(format: Format, process: Process): Shape | undefined {
    if (this.#wholeStateMax === 0) return undefined;
    try {
      const leaf = this.#leaf(process, this.#wholeStateMax, (_, target) => isKnown(format, target));
      return { kind: 'leaf', cell: this.#cell(format.place, leaf) };
    } catch (fault) {
      if (fault instanceof NotCompilable || (fault instanceof LimitReached && fault.spent === 'states'))
        return undefined;
      throw fault;
    }
  }

  #sequential(format: Format, process: Process): Shape {
    const leaf = this.#leaf(process, LEAF_STATE_MAX, (_, target) => isKnown(format, target) || isNetwork(target));
    // A later state of a branch is found in the branch: so that comes first.
    for (const branch of branchesOf(process)) if (isNetwork(branch)) this.#later(format.place, branch, () => {});
    return { kind: 'leaf', cell: this.#cell(format.place, leaf) };
  }

  #leaf(process: Process, stateCountMax: number, leaves: (event: EventId, target: Process) => boolean): Leaf {
    return leafOf(this.#terms, process, { ...this.#limits, stateCountMax }, leaves);
  }

  #cell(place: Place, leaf: Leaf): Cell {
    const cell: Cell = { leaf, after: [] };
    for (const [i, { target }] of leaf.exits.entries()) {
      this.#later(place, target, (entry) => {
        cell.after[i] = entry;
      });
    }
    return cell;
  }

  #splitOf(format: Format, process: Process, isStatic: boolean): Shape | undefined {
    const inner = (part: Process, staysStatic: boolean): Place => {
      const place: Place = { parent: format, formats: [] };
      this.#create(place, part, staysStatic);
      return place;
    };
    switch (process.kind) {
      case 'interleave':
      case 'generalizedParallel': {
        const { components } = process;
        const everybody = [...components.keys()];
        const agreed: Agreement = (event) =>
          process.kind === 'generalizedParallel' && contains(process.events, event) ? everybody : undefined;
        const parts = components.map((part) => inner(part, true));
        return { kind: 'parallel', operator: process, parts, agreed, permitted: undefined };
      }
      case 'alphabetizedParallel': {
        const { components } = process;
        const agreed: Agreement = (event) =>
          [...components.keys()].filter((i) => contains(components[i]!.alphabet, event));
        const parts = components.map((part) => inner(part.process, true));
        return { kind: 'parallel', operator: process, parts, agreed, permitted: (i) => components[i]!.alphabet };
      }
      case 'hide':
      case 'project':
      case 'rename':
        return { kind: 'map', operator: process, part: inner(process.process, isStatic) };
      case 'sequential':
      case 'exception': {
        const left = inner(process.left, false);
        if (isPlain(left)) return undefined;
        const next: { entry: Entry | undefined } = { entry: undefined };
        this.#later(format.place, process.right, (entry) => {
          next.entry = entry;
        });
        return { kind: 'handover', operator: process, left, next };
      }
      case 'interrupt': {
        const left = inner(process.left, false);
        if (isPlain(left)) return undefined;
        const right = this.#leaf(process.right, LEAF_STATE_MAX, (event) => event !== TAU);
        this.#later(format.place, process.right, () => {});
        return { kind: 'interrupt', left, right: this.#cell(format.place, right) };
      }
      default:
        return undefined;
    }
  }
}

/** Whether a process keeps its parts for as long as it lives. */
function isFixed({ kind }: Process): boolean {
  return kind !== 'sequential' && kind !== 'exception' && kind !== 'interrupt';
}

/** Whether a place is one component for ever. */
function isPlain({ formats }: Place): boolean {
  const [only] = formats;
  return formats.length === 1 && only!.shape?.kind === 'leaf' && only!.shape.cell.leaf.exits.length === 0;
}

/** Whether another format of the place begins as this process. */
function isKnown(format: Format, process: Process): boolean {
  return format.place.formats.some((other) => other !== format && other.names.has(process));
}

/** What a choice leads to, as it begins. */
function branchesOf(process: Process): readonly Process[] {
  switch (process.kind) {
    case 'externalChoice':
    case 'synchronizingChoice':
      return process.branches;
    case 'slidingChoice':
    case 'interrupt':
    case 'synchronizingInterrupt':
      return [process.left, process.right];
    default:
      return [];
  }
}
