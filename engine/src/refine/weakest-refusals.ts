/**
 * Of what was seen along a run, the part that matters: a refusal is forgotten, or made smaller, for as long as the specification still cannot match the rest.
 */
import type { EventId, EventSet } from '../csp/index.ts';
import { type NodeId, REFUSED, type RefusalForm } from '../lts/index.ts';

/** What was seen to be refused before an event; undefined when nothing was seen. The empty set says that the process was stable. */
export type Seen = EventSet | undefined;

/** Events of refusals that are tried one by one; in larger ones all are kept. */
const TRIED_MAX = 200;

/**
 * The least refusals along `trace` after which `isWrong` holds of the node of the specification, and that node. With `strict`, nothing is wrong below a
 * divergence of the specification.
 */
export function weakest(
  form: RefusalForm,
  {
    trace,
    seen,
    strict,
  }: { readonly trace: readonly EventId[]; readonly seen: readonly Seen[]; readonly strict: boolean },
  isWrong: (node: NodeId) => boolean,
): { readonly node: NodeId; readonly refused: readonly Seen[] } {
  let node = -1;
  const isEnough = (refused: readonly Seen[]): boolean => {
    const end = nodeAfter(form, trace, refused, strict);
    if (end === undefined || !isWrong(end)) return false;
    node = end;
    return true;
  };
  let refused = seen;
  if (!isEnough(refused)) throw new Error('defect: a violation that is none');
  const shrink = (at: number, less: Seen): void => {
    const candidate = refused.with(at, less);
    if (isEnough(candidate)) refused = candidate;
  };
  for (const at of seen.keys()) if (refused[at] !== undefined) shrink(at, undefined);
  const left = refused.reduce((count, set) => count + (set?.length ?? 0), 0);
  if (left <= TRIED_MAX) {
    for (const [at, set] of refused.entries()) {
      for (const event of set ?? [])
        shrink(
          at,
          refused[at]!.filter((other) => other !== event),
        );
    }
  }
  isEnough(refused);
  return { node, refused };
}

/** The node after `trace` with these refusals; undefined when the specification has no such run, or diverges on the way and `strict` lets that excuse everything. */
function nodeAfter(
  form: RefusalForm,
  trace: readonly EventId[],
  refused: readonly Seen[],
  strict: boolean,
): NodeId | undefined {
  let node = form.initial;
  for (const [at, event] of trace.entries()) {
    if (strict && form.divergent(node)) return undefined;
    const set = refused[at];
    const left = set === undefined ? node : form.refusing(node, set);
    if (left === REFUSED) return undefined;
    node = form.after(left, event);
    if (node === REFUSED) return undefined;
  }
  return strict && form.divergent(node) ? undefined : node;
}
