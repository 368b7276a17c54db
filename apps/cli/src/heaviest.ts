/** The functions of V8 profiles with the largest weight of their own: microseconds of a `.cpuprofile`, bytes of a `.heapprofile`. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** Counted from 0. */
  readonly lineNumber: number;
}

export type Profile =
  | {
      readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
      readonly samples: readonly number[];
      readonly timeDeltas: readonly number[];
    }
  | { readonly head: HeapNode };

interface HeapNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

export interface Heavy {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly weight: number;
  /** Of the whole, without idle time. */
  readonly part: number;
}

export function heaviest(profiles: readonly Profile[], limit: number): readonly Heavy[] {
  const byFunction = new Map<string, { frame: CallFrame; weight: number }>();
  let whole = 0;
  for (const [frame, weight] of profiles.flatMap(weights)) {
    if (frame.functionName === '(idle)') continue;
    const key = `${frame.functionName} ${frame.url}:${frame.lineNumber}`;
    const known = byFunction.get(key) ?? { frame, weight: 0 };
    known.weight += weight;
    whole += weight;
    byFunction.set(key, known);
  }
  return [...byFunction.values()]
    .sort((left, right) => right.weight - left.weight)
    .slice(0, limit)
    .map(({ frame, weight }) => ({
      name: frame.functionName || '(anonymous)',
      file: frame.url,
      line: frame.lineNumber + 1,
      weight,
      part: whole === 0 ? 0 : weight / whole,
    }));
}

function weights(profile: Profile): readonly (readonly [CallFrame, number])[] {
  if ('head' in profile) return ownSizes(profile.head);
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  return profile.samples.map((id, index) => [frames.get(id) as CallFrame, profile.timeDeltas[index] ?? 0] as const);
}

function ownSizes(head: HeapNode): readonly (readonly [CallFrame, number])[] {
  const found: (readonly [CallFrame, number])[] = [];
  const waiting = [head];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    found.push([node.callFrame, node.selfSize]);
    waiting.push(...node.children);
  }
  return found;
}
