/** What an operation on a channel, or a network, can end in. Each says which channel or process, and what to do. */

/** The channel was closed, and what was sent before has been received. */
export class ClosedError extends Error {
  readonly channel: string;
  readonly action: 'send' | 'receive' | 'choose';
  constructor(channel: string, action: 'send' | 'receive' | 'choose') {
    super(
      action === 'choose'
        ? `every channel of this choice is closed: ${channel}`
        : `channel ${channel} is closed: nothing can be ${action === 'send' ? 'sent' : 'received'} any more`,
    );
    this.name = 'ClosedError';
    this.channel = channel;
    this.action = action;
  }
}

/** The channel was poisoned; `cause` is the reason it was given. */
export class PoisonedError extends Error {
  readonly channel: string;
  constructor(channel: string, reason: unknown) {
    super(`channel ${channel} is poisoned: ${reason instanceof Error ? reason.message : String(reason)}`, {
      cause: reason,
    });
    this.name = 'PoisonedError';
    this.channel = channel;
  }
}

/** The operation did not happen in time, and will not happen any more. */
export class TimeoutError extends Error {
  readonly channel: string;
  readonly timeoutMs: number;
  constructor(channel: string, timeoutMs: number) {
    super(`nobody took part on channel ${channel} within ${timeoutMs} ms; the offer is withdrawn`);
    this.name = 'TimeoutError';
    this.channel = channel;
    this.timeoutMs = timeoutMs;
  }
}

/** The operation was withdrawn by its signal: it has not happened. `cause` is the reason of the signal. */
export class WithdrawnError extends Error {
  readonly channel: string;
  constructor(channel: string, reason: unknown) {
    super(`the offer on channel ${channel} was withdrawn`, { cause: reason });
    this.name = 'WithdrawnError';
    this.channel = channel;
  }
}

/** The receiver of an extended rendezvous failed, or was cancelled, while it held the sender; `cause` is what it failed with. */
export class RejectedError extends Error {
  readonly channel: string;
  constructor(channel: string, cause: unknown) {
    super(
      `the receiver on channel ${channel} took the message and failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
    this.name = 'RejectedError';
    this.channel = channel;
  }
}

/** A channel end was used by somebody who has sent it away. */
export class MovedError extends Error {
  readonly channel: string;
  constructor(channel: string, end: 'input' | 'output') {
    super(`the ${end} end of channel ${channel} was sent to another process; whoever received it uses it now`);
    this.name = 'MovedError';
    this.channel = channel;
  }
}

/** As many senders wait on the channel as it admits. */
export class CrowdedError extends Error {
  readonly channel: string;
  constructor(channel: string, waitingMax: number) {
    super(`channel ${channel} admits ${waitingMax} waiting senders, and has them; receive first, or send later`);
    this.name = 'CrowdedError';
    this.channel = channel;
  }
}

/** An operation object was performed twice, by another process than the one that made it, or with `yield` in place of `yield*`. */
export class MisuseError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MisuseError';
  }
}

/** A process ended with an exception; `cause` is that exception. */
export class ProcessError extends Error {
  readonly process: string;
  constructor(process: string, cause: unknown) {
    super(`process ${process} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'ProcessError';
    this.process = process;
  }
}

/** The process was ended at once, without its `finally` blocks. */
export class KilledError extends Error {
  readonly process: string;
  constructor(process: string) {
    super(`process ${process} was killed`);
    this.name = 'KilledError';
    this.process = process;
  }
}
