/** How many processes there are, from the operation that lists them: whoever has processes offers it. */
import type { Call, Catalog } from '@enhanced-csp/platform';

export interface ProcessFigures {
  readonly active: number;
  readonly total: number;
  /** Of those that ended: the part that ended well. undefined: none has ended. */
  readonly successRate: number | undefined;
}

const CALL: Call = {
  principal: { id: 'telemetry', roles: ['operator'] },
  signal: new AbortController().signal,
  requestId: 'telemetry',
};

/** undefined: no module of this assembly has processes. */
export async function processFigures(catalog: Catalog): Promise<ProcessFigures | undefined> {
  const list = catalog.operations().find(({ id }) => id === 'processes.list');
  if (list === undefined) return undefined;
  const count = async (status?: string) => {
    const input = list.input.parse({ limit: 1, offset: 0, ...(status === undefined ? {} : { status }) });
    return Number(((await list.run(input, CALL)) as { total?: unknown }).total);
  };
  const [active, total, terminated, failed] = await Promise.all([
    count('running'),
    count(),
    count('terminated'),
    count('failed'),
  ]);
  const ended = terminated + failed;
  return { active, total, successRate: ended === 0 ? undefined : terminated / ended };
}
