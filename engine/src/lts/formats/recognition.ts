/** A process met again: whether it is a format that is there already, as it begins or in a later state. */
import type { Process } from '../../csp/index.ts';
import { NESTING_MAX, type Unary, unfolded } from '../network.ts';
import type { Entry, Format, Later, Place } from './format.ts';

/** `process` as a state of `format`, if it is one. */
export function entryAt(process: Process, format: Format): Entry | undefined {
  if (format.names.has(process)) return { format, at: undefined };
  const at: Later = { cells: new Map(), formats: [], terminated: new Set() };
  return isStateOf(process, format, at, 0) ? { format, at } : undefined;
}

/** Whether `process` is a state of `format`; then `at` is what it is in that state. */
function isStateOf(process: Process, format: Format, at: Later, depth: number): boolean {
  const { shape } = format;
  if (shape === undefined || depth > NESTING_MAX) return false;
  if (shape.kind === 'leaf') {
    const state = shape.cell.leaf.stateOf(process);
    if (state !== undefined) {
      at.cells.set(shape.cell, state);
      at.formats.push(format);
      return true;
    }
  }
  if (process.kind === 'call' || process.kind === 'compress') {
    const inner = process.kind === 'call' ? unfolded(process) : process.process;
    return isStateOf(inner, format, at, depth + 1);
  }
  const within = (part: Process | undefined, { formats }: Place): boolean =>
    part !== undefined && formats.some((other) => isStateOf(part, other, at, depth + 1));
  const hasTerminated = process.kind === 'omega';
  let found = false;
  if (shape.kind === 'parallel') {
    const operands = hasTerminated ? shape.parts.map(() => process) : operandsOf(process, shape.operator);
    found = operands?.every((part, i) => within(part, shape.parts[i]!)) === true;
    if (hasTerminated) at.terminated.add(format);
  } else if (shape.kind === 'map') {
    found = within(hasTerminated ? process : argumentOf(process, shape.operator), shape.part);
  } else if (shape.kind === 'handover') {
    found = within(leftOf(process, shape.operator), shape.left);
  } else if (shape.kind === 'interrupt' && process.kind === 'interrupt') {
    const state = shape.right.leaf.stateOf(process.right);
    if (state !== undefined) at.cells.set(shape.right, state);
    found = state !== undefined && within(process.left, shape.left);
  }
  if (found) at.formats.push(format);
  return found;
}

/** The operands of `process`, if it is the same parallel operator. Sets of one store are equal when they are the same. */
function operandsOf(process: Process, like: Process): readonly Process[] | undefined {
  if (process.kind === 'interleave' && like.kind === 'interleave')
    return process.components.length === like.components.length ? process.components : undefined;
  if (process.kind === 'generalizedParallel' && like.kind === 'generalizedParallel')
    return process.components.length === like.components.length && process.events === like.events
      ? process.components
      : undefined;
  if (process.kind === 'alphabetizedParallel' && like.kind === 'alphabetizedParallel') {
    const same =
      process.components.length === like.components.length &&
      process.components.every(({ alphabet }, i) => alphabet === like.components[i]!.alphabet);
    return same ? process.components.map((component) => component.process) : undefined;
  }
  return undefined;
}

function argumentOf(process: Process, like: Unary): Process | undefined {
  if (process.kind === 'rename' && like.kind === 'rename')
    return process.relation === like.relation ? process.process : undefined;
  if (process.kind === 'hide' && like.kind === 'hide')
    return process.events === like.events ? process.process : undefined;
  if (process.kind === 'project' && like.kind === 'project')
    return process.events === like.events ? process.process : undefined;
  return undefined;
}

function leftOf(process: Process, like: Process): Process | undefined {
  if (process.kind === 'sequential' && like.kind === 'sequential')
    return process.right === like.right ? process.left : undefined;
  if (process.kind === 'exception' && like.kind === 'exception')
    return process.right === like.right && process.events === like.events ? process.left : undefined;
  return undefined;
}
