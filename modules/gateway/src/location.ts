/** Where a created resource is: at the operation `GET path/{x}` whose parameter `x` the output has. */
import type { Catalog, Operation } from '@enhanced-csp/platform';
import { splitRoute } from './path.ts';

/** The name of `x`; undefined: the operation creates nothing that can be asked for. */
export function locationKey(operation: Operation, catalog: Catalog): string | undefined {
  if (operation.outcome !== 'created') return undefined;
  const { path } = splitRoute(operation.route);
  if (path.includes('{')) return undefined;
  const shape = new RegExp(`^GET ${path}/\\{([^}]+)\\}$`);
  return catalog.operations().flatMap(({ route }) => route.match(shape)?.[1] ?? [])[0];
}

export function locator(operation: Operation, catalog: Catalog): ((output: unknown) => string | undefined) | undefined {
  const key = locationKey(operation, catalog);
  if (key === undefined) return undefined;
  const { path } = splitRoute(operation.route);
  return (output) => {
    const id = (output as Record<string, unknown> | null)?.[key];
    return typeof id === 'string' ? `/api${path}/${encodeURIComponent(id)}` : undefined;
  };
}
