/** Channels and the constructors of datatypes: a name with the sets its fields range over. */
import type { Span } from '../../csp/index.ts';
import type { SetValue } from './value.ts';

export interface Constructor {
  readonly name: string;
  readonly span: Span;
  readonly isChannel: boolean;
  /** Order of declaration, unique in the script. */
  readonly order: number;
  /** The datatype it belongs to; a channel belongs to none. */
  readonly datatype: Datatype | undefined;
  /** The sets its fields range over; evaluated on first use. */
  fields(): readonly SetValue[];
  /** Whether `fields` is being evaluated: the type mentions itself. */
  isOpen(): boolean;
}

export interface Datatype {
  readonly name: string;
  readonly order: number;
  readonly constructors: readonly Constructor[];
}
