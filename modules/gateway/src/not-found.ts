/** What to say where nothing answers: another method, something that is switched off, or what is near. */
import { type Catalog, Fault, nearest } from '@enhanced-csp/platform';
import { patternOf } from './path.ts';

export interface Known {
  readonly method: string;
  readonly path: string;
}

export function notFoundAmong(
  routes: readonly Known[],
  catalog: Catalog,
): (request: { readonly method: string; readonly url: string }) => Fault {
  const known = routes.map((one) => ({ ...one, pattern: patternOf(one.path, '/') }));
  return ({ method, url }) => {
    const path = url.split('?')[0] ?? '/';
    const allow = [...new Set(known.filter(({ pattern }) => pattern.test(path)).map((one) => one.method))];
    if (allow.length > 0)
      return new Fault(
        'CSP-GTW-006',
        'invalid',
        `${path} does not answer to ${method}; it does to ${allow.join(', ')}.`,
        {
          details: { allow: allow.includes('GET') ? [...allow, 'HEAD'] : allow },
        },
      );
    const off = catalog
      .switchedOff?.()
      .find(({ paths }) => paths.some((one) => isBelow(path.replace(/^\/api\/v1\//, '/api/'), one)));
    if (off !== undefined)
      return new Fault('CSP-PLT-009', 'denied', `${path} is switched off: ${off.key} is false.`, {
        details: { key: off.key },
      });
    const near = nearest(path, new Set(known.map((one) => one.path)));
    return new Fault(
      'CSP-GTW-005',
      'not found',
      `There is nothing at ${path}.${near ? ` Did you mean ${near}?` : ''}`,
      {
        details: near === undefined ? {} : { nearest: near },
      },
    );
  };
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
