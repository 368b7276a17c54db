/** The generated client of a platform, for commands: nobody answering is exit status 6; a problem document says what it says. */
import { type Client, connect } from '@enhanced-csp/client';
import { CommandFailed, EXIT } from './exit-codes.ts';

export { type Client, Problem } from '@enhanced-csp/client';

export function clientOf(url: string): Client {
  return connect({ url, fetch: fetchFrom(url) });
}

/** `fetch` that says which platform does not answer. */
export function fetchFrom(url: string): typeof fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (cause) {
      const { aborted = false, reason } = init?.signal ?? {};
      if (aborted && (reason as Error)?.name !== 'TimeoutError') throw cause;
      throw new CommandFailed(EXIT.unreachable, `nobody answers at ${url}; start a platform with: csp start`, {
        cause,
      });
    }
  };
}
