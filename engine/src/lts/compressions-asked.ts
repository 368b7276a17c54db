/** The compressions that a script asks for in a process, as far as compiling it would meet them. */
import type { Compression, Process } from '../csp/index.ts';
import { keepsEveryModel, keepsRuns } from './compress/compressed.ts';
import { NotCompilable, networkOf } from './network.ts';

/** Those of them that lose what V and R see, each once. */
export function coarseCompressions(process: Process): readonly Compression[] {
  return compressionsIn(process).filter((by) => !keepsEveryModel(by));
}

/** Whether the process has the same runs, taus included, with what it asks for. */
export function keepsAllRuns(process: Process): boolean {
  return compressionsIn(process).every(keepsRuns);
}

/** Each once, also those inside of others. Throws nothing: what cannot be unfolded asks for nothing. */
function compressionsIn(process: Process): readonly Compression[] {
  const found = new Set<Compression>();
  const visited = new Set<Process>();
  const open = [process];
  for (const part of open) {
    for (const component of componentsOf(part)) {
      if (component.kind !== 'compress' || visited.has(component)) continue;
      visited.add(component);
      found.add(component.by);
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
