/**
 * A format: what a place in a network holds at a time, a sequential process or a composition, with components of its own.
 *
 * Formats and places alternate down the network: a place has the formats that it may hold, a format the places of its parts.
 */
import type { EventSet, Process } from '../../csp/index.ts';
import type { Leaf } from '../leaf.ts';
import type { Unary } from '../network.ts';
import type { Agreement } from '../rules.ts';

export interface Place {
  /** The format that the place is a part of. */
  readonly parent: Format | undefined;
  /** Those it may hold; the first at first. */
  readonly formats: Format[];
}

export interface Format {
  readonly place: Place;
  /** The process it begins as, and what that unfolds to. */
  readonly names: Set<Process>;
  /** Absent while it is being made. */
  shape: Shape | undefined;
}

/** A component that a format has for itself. */
export interface Cell {
  readonly leaf: Leaf;
  /** Where each exit leads. */
  readonly after: Entry[];
}

export type Shape =
  | { readonly kind: 'leaf'; readonly cell: Cell }
  | {
      readonly kind: 'parallel';
      readonly operator: Process;
      readonly parts: readonly Place[];
      readonly agreed: Agreement;
      /** What a part may perform, if not all that it can. */
      readonly permitted: ((part: number) => EventSet) | undefined;
    }
  | { readonly kind: 'map'; readonly operator: Unary; readonly part: Place }
  | { readonly kind: 'interrupt'; readonly left: Place; readonly right: Cell }
  | {
      readonly kind: 'handover';
      readonly operator: Process & { readonly kind: 'sequential' | 'exception' };
      readonly left: Place;
      readonly next: { entry: Entry | undefined };
    };

/** A format in a later state: which cells are awake, in which state, which formats are there, and which of those have terminated as a whole. */
export interface Later {
  readonly cells: Map<Cell, number>;
  readonly formats: Format[];
  readonly terminated: Set<Format>;
}

/** A format as it begins, or in a later state. */
export interface Entry {
  readonly format: Format;
  readonly at: Later | undefined;
}

/** A format as it begins: itself, and the first of each place in it. */
export function beginningOf(format: Format): readonly Format[] {
  return [format, ...placesOf(format).flatMap(({ formats }) => beginningOf(formats[0]!))];
}

export function cellsOf({ shape }: Format): readonly Cell[] {
  return shape!.kind === 'leaf' ? [shape!.cell] : shape!.kind === 'interrupt' ? [shape!.right] : [];
}

export function placesOf({ shape }: Format): readonly Place[] {
  switch (shape!.kind) {
    case 'leaf':
      return [];
    case 'parallel':
      return shape!.parts;
    case 'map':
      return [shape!.part];
    case 'handover':
    case 'interrupt':
      return [shape!.left];
  }
}
