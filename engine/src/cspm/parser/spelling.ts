/** Words that are meant as keywords. */
import { KEYWORDS } from '../tokens.ts';

/** The keyword that `word` is one slip away from: another case, a letter too many, too few, or another one. */
export function keywordLike(word: string): string | undefined {
  const lower = word.toLowerCase();
  for (const keyword of KEYWORDS) {
    if (keyword === word) return undefined;
    const plain = keyword.toLowerCase();
    if (lower === plain) return keyword;
    if (plain.length >= 5 && isOneSlipAway(lower, plain)) return keyword;
  }
  return undefined;
}

/** Whether `word` is `keyword` in another case or with one slip, where that keyword is expected. */
export function isMeantAs(word: string, keyword: string): boolean {
  return KEYWORDS.some((known) => known === keyword) && isOneSlipAway(word.toLowerCase(), keyword.toLowerCase());
}

/** Whether one insertion, deletion, substitution or swap of neighbors turns `a` into `b`, or nothing at all. */
function isOneSlipAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const rest = (x: string, from: number): string => x.slice(from);
  if (a.length === b.length) {
    const swapped = a[i] === b[i + 1] && a[i + 1] === b[i] && rest(a, i + 2) === rest(b, i + 2);
    return swapped || rest(a, i + 1) === rest(b, i + 1);
  }
  return a.length < b.length ? rest(a, i) === rest(b, i + 1) : rest(a, i + 1) === rest(b, i);
}
