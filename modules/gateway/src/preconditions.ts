/** Entity tags and the conditions made with them (RFC 9110, sections 8.8.3 and 13): a tag is the version of a record. */
import { Fault } from '@enhanced-csp/platform';

export function entityTag(version: number): string {
  return `"${version}"`;
}

/**
 * The versions `If-Match` names; undefined: any (`*`, or no header). A weak tag matches nothing.
 *
 * @throws Fault `CSP-GTW-020`
 */
export function versionsOf(ifMatch: string | undefined): readonly number[] | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  return tagsOf('If-Match', ifMatch)
    .flatMap((tag) => /^"(\d{1,15})"$/.exec(tag)?.[1] ?? [])
    .map(Number);
}

/** Whether the caller has this version already. Compares weakly, as `If-None-Match` does. */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return tagsOf('If-None-Match', ifNoneMatch).some((known) => known.replace(/^W\//, '') === tag);
}

function tagsOf(header: string, value: string): readonly string[] {
  const tags = value.split(',').map((tag) => tag.trim());
  if (tags.every((tag) => /^(W\/)?"[\x21\x23-\x7e]*"$/.test(tag))) return tags;
  throw new Fault('CSP-GTW-020', 'invalid', `${header} is not a list of entity tags, such as "3".`);
}
