/** What the parts of the compiler ask of each other. */
import type { EventSet, Process } from '../../csp/index.ts';
import type * as Syntax from '../syntax.ts';
import type { Machine } from './machine.ts';
import type { Code, Frame, Scope } from './scope.ts';
import type { Shapes } from './shape.ts';
import type { Slot } from './value.ts';

export interface Compiler {
  readonly machine: Machine;
  /** `tail`: the value is the value of the function around it, so a call may be left to the caller's loop. */
  expression(expression: Syntax.Expression, scope: Scope, tail?: boolean): Code;
  /** An argument: evaluated at once when that is cheap and safe, otherwise when it is asked for. */
  delayed(expression: Syntax.Expression, scope: Scope): (frame: Frame) => Slot;
  process(expression: Syntax.Expression, scope: Scope): (frame: Frame) => Process;
  events(expression: Syntax.Expression, scope: Scope): (frame: Frame) => EventSet;
  shapes(scope: Scope): Shapes;
}
