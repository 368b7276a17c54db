/** What to do about a fault: the row of its code, in the tables that `/errors` of a platform shows. */
import { Problem } from '@enhanced-csp/client';
import { Fault, PLATFORM_ERRORS } from '@enhanced-csp/platform';

/** A platform sends it with the fault. For one of this process the modules are loaded, and only then: a command that succeeds needs none. */
export async function nextStep(error: unknown): Promise<string | undefined> {
  if (error instanceof Problem) {
    const { next } = error.document;
    return typeof next === 'string' ? next : undefined;
  }
  if (!(error instanceof Fault)) return undefined;
  const { MODULES } = await import('@enhanced-csp/server');
  const tables = [PLATFORM_ERRORS, ...MODULES.map(({ errors }) => errors)];
  const rows: Readonly<Record<string, { readonly next: string }>> = Object.assign({}, ...tables);
  return rows[error.code]?.next;
}
