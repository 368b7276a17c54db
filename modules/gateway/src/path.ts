/** Paths of rows, `/processes/{process_id}`, in the forms the gateway needs. */

/** `/processes/:process_id`, as the router writes it. */
export function routerPath(path: string): string {
  return path.replace(/\{([^}]+)\}/g, ':$1');
}

/** Names of the parameters, in order. */
export function parametersOf(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] as string);
}

/** The values of the parameters in a topic that `patternOf(pattern, '')` matches. */
export function parametersIn(pattern: string, topic: string): Readonly<Record<string, string>> {
  const names = parametersOf(pattern);
  const source = pattern
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? '(\\S+)' : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')))
    .join('');
  const values = new RegExp(`^${source}$`).exec(topic) ?? [];
  return Object.fromEntries(names.map((name, index) => [name, values[index + 1] ?? '']));
}

/** Matches the paths, or topics, a pattern stands for. A parameter never crosses one of the `separators`. */
export function patternOf(path: string, separators: string): RegExp {
  const source = path
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? `[^${separators}\\s]+` : part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`);
}

export function splitRoute(route: string): {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
} {
  const [method, path] = route.split(' ');
  return { method: method as 'GET', path: path as string };
}
