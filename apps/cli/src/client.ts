/** The few requests the command line makes of a platform. A problem document becomes an error that says what it says. */
import { CommandFailed, EXIT, type ExitCode } from './exit-codes.ts';

/** A problem document (RFC 9457) as the platform answers it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

export class RequestRefused extends CommandFailed {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(exitCodeOfStatus(problem.status), `${problem.code} ${problem.detail}`);
    this.problem = problem;
  }
}

export interface Client {
  readonly url: string;
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body?: unknown): Promise<Answer>;
}

/** A client of the platform at `url`. Rejects with `RequestRefused`, or with exit status 6 when nobody answers. */
export function clientOf(url: string): Client {
  const request = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(new URL(`/api${path}`, url), {
      method,
      headers: { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new CommandFailed(EXIT.unreachable, `nobody answers at ${url}`, { cause });
    });
    const answer = (await response.json()) as Answer;
    if (!response.ok) throw new RequestRefused(answer as unknown as Problem);
    return answer;
  };
  return {
    url,
    get: (path) => request('GET', path),
    post: (path, body) => request('POST', path, body),
  };
}

function exitCodeOfStatus(status: number): ExitCode {
  if (status === 404) return EXIT.notFound;
  if (status === 401 || status === 403) return EXIT.denied;
  if (status === 409) return EXIT.conflict;
  return status >= 500 ? EXIT.unreachable : EXIT.invalidInput;
}
