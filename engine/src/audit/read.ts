/**
 * Reading an exported log, without trusting a byte of it.
 *
 * Every line must be canonical JSON and a leaf; every leaf names the hash of the one before, so that damage is found at its line. Lines count from 1.
 */
import { toBase64 } from './base64.ts';
import { canonical } from './canonical.ts';
import { type Leaf, type LoggedProtocol, leafOf } from './leaf.ts';
import { leafHash } from './merkle.ts';
import { type Checkpoint, type Note, parseCheckpoint, parseNote } from './note.ts';
import type { Sha256 } from './sha256.ts';
import { type CheckpointLine, checkpointOf } from './writer.ts';

/** Something that an untouched log would not have. */
export interface Finding {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly kind:
    | 'not a leaf' // not UTF-8, not JSON, not canonical, or not of the format
    | 'changed' // its bytes are not those that the next line, or the checkpoint, was written after
    | 'out of sequence' // lines are missing, doubled, or in another order
    | 'another log'
    | 'no checkpoint' // the end is missing
    | 'checkpoint'; // the checkpoint is damaged, or speaks of another tree
  readonly message: string;
}

export interface LogLine {
  readonly line: number;
  readonly hash: Uint8Array;
  /** Absent when the line is not a leaf. */
  readonly leaf?: Leaf;
}

export interface AuditedLog {
  readonly id: string | undefined;
  readonly protocol: LoggedProtocol | undefined;
  /** All lines but the checkpoint. */
  readonly lines: readonly LogLine[];
  readonly checkpoint: { readonly line: number; readonly note: Note; readonly head: Checkpoint } | undefined;
  /** In order of line. Empty: every line is whole and follows the one before. The root is not compared here. */
  readonly findings: readonly Finding[];
}

/**
 * Reads an exported log. Never throws for its content: what is wrong is in `findings`.
 *
 * @example
 * const log = readLog(await readFile('conversation.log'), { sha256 });
 * log.protocol?.system; // the process to audit it against
 */
export function readLog(file: Uint8Array, { sha256 }: { sha256: Sha256 }): AuditedLog {
  const findings: Finding[] = [];
  const texts = linesOf(file);
  if (texts.length === 0) findings.push({ line: 1, kind: 'no checkpoint', message: 'the file is empty' });
  if (file.length > 0 && file.at(-1) !== NEWLINE)
    findings.push({ line: texts.length, kind: 'no checkpoint', message: 'the file ends in the middle of a line' });

  const last = texts.length > 0 ? parse(texts.at(-1)!) : undefined;
  const ending = last?.problem === undefined ? checkpointOf(last?.value, sha256) : undefined;
  const checkpoint = ending === undefined ? undefined : readCheckpoint(ending, texts.length, findings);
  if (ending === undefined && texts.length > 0)
    findings.push({
      line: texts.length,
      kind: 'no checkpoint',
      message: 'the last line is not a checkpoint: the end of the log is missing or damaged',
    });

  const bodies = ending === undefined ? texts : texts.slice(0, -1);
  const lines = bodies.map((bytes, index): LogLine => {
    const read = readLeaf(bytes);
    const line = index + 1;
    const hash = leafHash(sha256, bytes);
    if (typeof read !== 'string') return { line, hash, leaf: read };
    findings.push({ line, kind: 'not a leaf', message: `line ${line} is not a leaf of an audit log: ${read}` });
    return { line, hash };
  });
  findings.push(...chainFindings(lines, ending), ...identityFindings(lines));
  const header = lines[0]?.leaf;
  return {
    id: header?.log,
    protocol: header?.kind === 'opened' ? header.protocol : undefined,
    lines,
    checkpoint,
    findings: findings.sort((a, b) => a.line - b.line),
  };
}

function readCheckpoint(ending: CheckpointLine, line: number, findings: Finding[]): AuditedLog['checkpoint'] {
  if (!ending.intact)
    findings.push({ line, kind: 'checkpoint', message: 'the checkpoint is not the one its digest was taken of' });
  const note = parseNote(ending.note);
  const head = note === undefined ? undefined : parseCheckpoint(note.text);
  if (note !== undefined && head !== undefined) return { line, note, head };
  if (ending.intact)
    findings.push({ line, kind: 'checkpoint', message: 'the checkpoint is not a signed note of a log' });
  return undefined;
}

/** A leaf, or what is wrong with the line. */
function readLeaf(bytes: Uint8Array): Leaf | string {
  const { value, problem } = parse(bytes);
  return problem ?? leafOf(value);
}

function parse(bytes: Uint8Array): { value?: unknown; problem?: string } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { problem: 'not UTF-8' };
  }
  try {
    const value: unknown = JSON.parse(text);
    return canonical(value) === text ? { value } : { problem: 'not canonical JSON' };
  } catch {
    return { problem: 'not JSON' };
  }
}

/** The places where a line does not follow the one before. */
function chainFindings(lines: readonly LogLine[], ending: CheckpointLine | undefined): Finding[] {
  const findings: Finding[] = [];
  const named = [...lines.map(({ leaf }) => leaf?.previous), ending?.intact === true ? ending.previous : undefined];
  /** Whether line i names the hash of line i - 1; true where it cannot be said. */
  const follows = named.map(
    (previous, i) => i === 0 || previous === undefined || previous === toBase64(lines[i - 1]!.hash),
  );
  for (const [i, { line, leaf }] of lines.entries()) {
    if (leaf === undefined) continue;
    const before = lines[i - 1]?.leaf;
    const due = before === undefined ? i : before.seq + 1;
    if (leaf.seq !== due) {
      findings.push({
        line,
        kind: 'out of sequence',
        message: `line ${line} has sequence number ${leaf.seq} where ${due} is due`,
      });
      continue;
    }
    if (follows[i] || before === undefined) continue;
    // A changed line breaks the link after it; if it was its own link that was changed, both links are broken.
    const own = follows[i + 1] === false;
    const changed = own ? line : line - 1;
    findings.push({
      line: changed,
      kind: 'changed',
      message: `line ${changed} is not the line that line ${changed + 1} was written after`,
    });
    if (own) follows[i + 1] = true;
  }
  if (follows.at(-1) === false) {
    const line = lines.length;
    findings.push({
      line,
      kind: 'changed',
      message: `line ${line} is not the line that the checkpoint was written after`,
    });
  }
  return findings;
}

function identityFindings(lines: readonly LogLine[]): Finding[] {
  const findings: Finding[] = [];
  const header = lines[0]?.leaf;
  if (lines.length === 0) return findings;
  if (header !== undefined && header.kind !== 'opened')
    findings.push({ line: 1, kind: 'out of sequence', message: 'the first line is not the header' });
  for (const { line, leaf } of lines.slice(1)) {
    if (leaf === undefined) continue;
    if (header !== undefined && leaf.log !== header.log)
      findings.push({ line, kind: 'another log', message: `line ${line} belongs to the log ${leaf.log}` });
    if (leaf.kind === 'opened')
      findings.push({ line, kind: 'out of sequence', message: `line ${line} is a second header` });
  }
  return findings;
}

const NEWLINE = 0x0a;

function linesOf(file: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < file.length) {
    const end = file.indexOf(NEWLINE, start);
    lines.push(file.subarray(start, end < 0 ? file.length : end));
    if (end < 0) break;
    start = end + 1;
  }
  return lines;
}
