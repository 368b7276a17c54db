/** The names in a pattern, left to right: variables that it binds, and labels that it matches. */
import type { Pattern } from '../syntax.ts';

type Named = Extract<Pattern, { kind: 'name' }>;

export function namesIn(pattern: Pattern): Named[] {
  const names: Named[] = [];
  const pending: Pattern[] = [pattern];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    switch (part.kind) {
      case 'name':
        names.push(part);
        break;
      case 'tuple':
      case 'sequence':
      case 'set':
        for (let i = part.elements.length - 1; i >= 0; i--) pending.push(part.elements[i]!);
        break;
      case 'concatenation':
      case 'dot':
      case 'both':
        pending.push(part.right, part.left);
        break;
      case 'paren':
        pending.push(part.inner);
        break;
    }
  }
  return names;
}
