/** A syntax tree without places and parentheses, for tests that compare meanings. */
export function bareTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bareTree);
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || typeof value !== 'object') return value;
  const node = value as Record<string, unknown>;
  if (node.kind === 'paren') return bareTree(node.inner);
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => key !== 'span' && key !== 'text')
      .map(([key, part]) => [key, bareTree(part)]),
  );
}
