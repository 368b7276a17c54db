/** The compressions that a script asks for in a process, as far as compiling it would meet them. */
import type { Compression, Process } from '../csp/index.ts';
import { keepsEveryModel } from './compress/compressed.ts';
import { NotCompilable, networkOf } from './network.ts';

/** Those of them that lose what V and R see, each once. Throws nothing: what cannot be unfolded asks for nothing. */
export function coarseCompressions(process: Process): readonly Compression[] {
  const found = new Set<Compression>();
  const visited = new Set<Process>();
  const open = [process];
  for (const part of open) {
    for (const component of componentsOf(part)) {
      if (component.kind !== 'compress' || visited.has(component)) continue;
      visited.add(component);
      if (!keepsEveryModel(component.by)) found.add(component.by);
      open.push(component.process);
    }
  }
  return [...found];
}

function componentsOf(process: Process): readonly Process[] {
  try {
    return networkOf(process, true).processes;
  } catch (fault) {
    if (fault instanceof NotCompilable) return [];
    throw fault;
  }
}
