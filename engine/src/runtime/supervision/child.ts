/** What a supervisor is told about a child. Names, defaults and rejected combinations follow the manual of OTP's `supervisor`. */
import type { AnyBody, Process, ProcessOptions } from '../process.ts';

/** `permanent` is always restarted, `transient` after an abnormal end, `temporary` never. */
export type RestartType = 'permanent' | 'transient' | 'temporary';

/** Milliseconds a child is given to end, `finally` blocks included, before it is killed; `kill`: none. */
export type Shutdown = number | 'kill' | 'infinity';

/** Which start of the child this is. */
export interface Incarnation {
  /** 0 the first time. */
  readonly restarts: number;
  /** What ended the incarnation before. */
  readonly cause: unknown;
  /** For a child that is awaited: it has begun. */
  ready(): void;
}

export interface ChildSpecification {
  readonly id: string;
  /** The body of a new incarnation. */
  start(incarnation: Incarnation): AnyBody<unknown>;
  /** Absent: `permanent`. */
  readonly restart?: RestartType;
  /** Absent: 5000 for a worker, `infinity` for a supervisor. */
  readonly shutdown?: Shutdown;
  readonly type?: 'worker' | 'supervisor';
  /** Its end by itself may end the supervisor: see `autoShutdown`. */
  readonly significant?: boolean;
  /** The next child is started only when this one has called `ready`, or is over. Supervisors are. */
  readonly awaited?: boolean;
  readonly options?: ProcessOptions;
}

export type AutoShutdown = 'never' | 'any significant' | 'all significant';

/** A child as it stands. */
export interface Child {
  readonly specification: ChildSpecification;
  readonly restart: RestartType;
  readonly shutdown: Shutdown;
  process: Process | null;
  starts: number;
  cause: unknown;
}

/** @throws RangeError for a combination that OTP rejects */
export function childOf(specification: ChildSpecification, autoShutdown: AutoShutdown): Child {
  const { id, restart = 'permanent', type = 'worker', significant = false } = specification;
  const shutdown = specification.shutdown ?? (type === 'supervisor' ? 'infinity' : 5000);
  if (significant && restart === 'permanent')
    throw new RangeError(`child ${id}: a permanent child never ends by itself, so it cannot be significant`);
  if (significant && autoShutdown === 'never')
    throw new RangeError(
      `child ${id} is significant, but its supervisor has no autoShutdown; say any or all significant`,
    );
  if (typeof shutdown === 'number' && !(shutdown >= 0))
    throw new RangeError(`child ${id}: shutdown takes milliseconds from 0, 'kill' or 'infinity', not ${shutdown}`);
  return { specification, restart, shutdown, process: null, starts: 0, cause: undefined };
}
