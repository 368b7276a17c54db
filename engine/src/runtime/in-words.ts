/** Names for people: the first of them, and how many more there are. */

const SHOWN = 6;

/** `a, b, c`, `a, …, f or 1 other`, `a, …, f or 12 others`. */
export function someOf(names: readonly string[], shown = SHOWN): string {
  if (names.length <= shown) return names.join(', ');
  const rest = names.length - shown;
  return `${names.slice(0, shown).join(', ')} or ${rest} ${rest === 1 ? 'other' : 'others'}`;
}
