/** Which processes are networks of their own: calls are unfolded, and what is static, or waits on the right of another process, is looked past. */
import type { Process } from '../../csp/index.ts';
import { NESTING_MAX, unfolded } from '../network.ts';

/** Whether a process is a composition at the moment, looked at from outside. */
export function isNetwork(process: Process): boolean {
  let part = process;
  for (let depth = 0; depth < NESTING_MAX; depth++) {
    switch (part.kind) {
      case 'interleave':
      case 'generalizedParallel':
      case 'alphabetizedParallel':
        return part.components.length > 1;
      case 'hide':
      case 'project':
      case 'rename':
      case 'compress':
        part = part.process;
        break;
      case 'sequential':
      case 'exception':
      case 'interrupt':
        part = part.left;
        break;
      case 'call':
        part = unfolded(part);
        break;
      default:
        return false;
    }
  }
  return false;
}
