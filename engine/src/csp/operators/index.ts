/** The table of operators: one row a kind of term. */
import type { Process, ProcessKind } from '../process.ts';
import { alphabetizedParallel } from './alphabetized-parallel.ts';
import { call } from './call.ts';
import { chaos } from './chaos.ts';
import { chase } from './chase.ts';
import { compress } from './compress.ts';
import { div } from './div.ts';
import { exception } from './exception.ts';
import { externalChoice } from './external-choice.ts';
import { generalizedParallel } from './generalized-parallel.ts';
import { hide } from './hide.ts';
import { interleave } from './interleave.ts';
import { internalChoice } from './internal-choice.ts';
import { interrupt } from './interrupt.ts';
import { omega } from './omega.ts';
import type { Operator } from './operator.ts';
import { partialPriority } from './partial-priority.ts';
import { prefix } from './prefix.ts';
import { prioritize } from './prioritize.ts';
import { project } from './project.ts';
import { rename } from './rename.ts';
import { run } from './run.ts';
import { sequential } from './sequential.ts';
import { skip } from './skip.ts';
import { slidingChoice } from './sliding-choice.ts';
import { stop } from './stop.ts';
import { synchronizingChoice } from './synchronizing-choice.ts';
import { synchronizingInterrupt } from './synchronizing-interrupt.ts';

export type { Operator, Printer, Step } from './operator.ts';
export { Precedence } from './operator.ts';

export const OPERATORS: { readonly [K in ProcessKind]: Operator<Extract<Process, { kind: K }>> } = {
  stop,
  skip,
  omega,
  div,
  chaos,
  run,
  prefix,
  externalChoice,
  internalChoice,
  slidingChoice,
  interrupt,
  exception,
  sequential,
  interleave,
  generalizedParallel,
  alphabetizedParallel,
  hide,
  project,
  rename,
  synchronizingChoice,
  synchronizingInterrupt,
  prioritize,
  partialPriority,
  chase,
  compress,
  call,
};

/** The row of a process's outermost operator. */
export function operatorOf<P extends Process>(process: P): Operator<P> {
  return OPERATORS[process.kind] as unknown as Operator<P>;
}
