/**
 * The audit of a log: is it whole, whose is it, and does it conform.
 *
 * What it can prove: against a known root, a known key or a receipt, that not a byte was changed; always, that the file agrees with itself. A log that was
 * rewritten as a whole, by someone who signs with another key or whose key nobody knew, agrees with itself too: without one of the three it is not detected.
 */

import type { Limits } from '../lts/index.ts';
import { toBase64 } from './base64.ts';
import { type Behavior, type Conformance, conformanceOf } from './conformance.ts';
import { MerkleTree, verifyInclusion } from './merkle.ts';
import { type NoteKey, parseCheckpoint, parseNote, parseReceipt, type VerifySignature, verifyNote } from './note.ts';
import type { AuditedLog, Finding } from './read.ts';
import type { Sha256 } from './sha256.ts';
import { originOf } from './writer.ts';

export interface AuditOptions {
  readonly sha256: Sha256;
  /** Keys known beforehand, and how signatures are verified. */
  readonly signedBy?: { readonly keys: readonly NoteKey[]; readonly verify: VerifySignature };
  /** A root known beforehand, of the log as exported. */
  readonly root?: Uint8Array;
  /** Texts of receipts given out earlier. Their checkpoints count only when signed by a known key. */
  readonly receipts?: readonly string[];
  /** The specification; without it conformance is not judged. */
  readonly behavior?: Behavior;
  readonly limits?: Limits;
}

export interface AuditReport {
  readonly log: string | undefined;
  readonly leafCount: number;
  /** Root over all leaves of the file, Base 64. */
  readonly root: string;
  readonly integrity: { readonly kind: 'intact' } | { readonly kind: 'broken'; readonly findings: readonly Finding[] };
  /**
   * What vouches for it: `signed` by a known key, a `known root`, or only `itself`; `forged` when what was known beforehand says otherwise.
   */
  readonly authenticity: {
    readonly kind: 'signed' | 'known root' | 'itself' | 'forged';
    readonly message: string;
  };
  readonly conformance: Conformance | { readonly kind: 'not judged'; readonly reason: string };
  /** Intact, not forged, and conforming where that was judged. */
  readonly passed: boolean;
}

/**
 * Audits a log that `readLog` has read.
 *
 * @example
 * const report = auditLog(readLog(bytes, { sha256 }), { sha256, behavior: { lts } });
 * if (report.integrity.kind === 'broken') console.log(report.integrity.findings[0]?.message);
 */
export function auditLog(log: AuditedLog, options: AuditOptions): AuditReport {
  const tree = new MerkleTree(options.sha256);
  for (const { hash } of log.lines) tree.append(hash);
  const root = tree.root();
  const findings = [...log.findings, ...headFindings(log, toBase64(root))].sort((a, b) => a.line - b.line);
  const authenticity = authenticityOf(log, tree, options);
  const conformance = judge(log, options);
  return {
    log: log.id,
    leafCount: log.lines.length,
    root: toBase64(root),
    integrity: findings.length === 0 ? { kind: 'intact' } : { kind: 'broken', findings },
    authenticity,
    conformance,
    passed:
      findings.length === 0 &&
      authenticity.kind !== 'forged' &&
      (conformance.kind === 'conforms' || conformance.kind === 'not judged'),
  };
}

/** Whether the checkpoint speaks of these leaves. */
function headFindings(log: AuditedLog, root: string): Finding[] {
  const { checkpoint, lines } = log;
  if (checkpoint === undefined) return [];
  const { line, head, note } = checkpoint;
  if (head.size !== lines.length)
    return [
      { line, kind: 'checkpoint', message: `the checkpoint covers ${head.size} leaves, the file has ${lines.length}` },
    ];
  if (log.findings.length > 0) return [];
  if (toBase64(head.root) !== root)
    return [{ line, kind: 'checkpoint', message: 'the root of the checkpoint is not that of the leaves' }];
  if (log.id !== undefined && !note.signatures.some(({ name }) => originOf(name, log.id!) === head.origin))
    return [
      { line, kind: 'checkpoint', message: `the checkpoint is of the log ${head.origin}, the file of ${log.id}` },
    ];
  return [];
}

function authenticityOf(log: AuditedLog, tree: MerkleTree, options: AuditOptions): AuditReport['authenticity'] {
  const { sha256, signedBy, root } = options;
  if (root !== undefined && toBase64(root) !== toBase64(tree.root()))
    return { kind: 'forged', message: 'the root is not the one known beforehand' };
  if (signedBy !== undefined) {
    const keys = { sha256, ...signedBy };
    const verdict = log.checkpoint === undefined ? 'unknown key' : verifyNote(log.checkpoint.note, keys);
    if (verdict !== 'signed') {
      const why =
        verdict === 'forged'
          ? 'the signature of the checkpoint is wrong'
          : 'the checkpoint is not signed by a known key';
      return { kind: 'forged', message: why };
    }
    for (const text of options.receipts ?? []) {
      const problem = receiptProblem(text, tree, options, signedBy);
      if (problem !== undefined) return { kind: 'forged', message: problem };
    }
    return { kind: 'signed', message: 'the checkpoint is signed by a known key' };
  }
  if (root !== undefined) return { kind: 'known root', message: 'the root is the one known beforehand' };
  return {
    kind: 'itself',
    message: 'the file agrees with itself; give a known key or root to exclude that it was rewritten as a whole',
  };
}

/** Why this log is not the one that the receipt was given for. */
function receiptProblem(
  text: string,
  tree: MerkleTree,
  { sha256 }: AuditOptions,
  signedBy: NonNullable<AuditOptions['signedBy']>,
): string | undefined {
  const receipt = parseReceipt(text);
  const note = receipt === undefined ? undefined : parseNote(receipt.checkpoint);
  const head = note === undefined ? undefined : parseCheckpoint(note.text);
  if (receipt === undefined || note === undefined || head === undefined) return 'a receipt is malformed';
  if (verifyNote(note, { sha256, ...signedBy }) !== 'signed') return 'a receipt is not signed by a known key';
  const { index, proof } = receipt;
  if (head.size > tree.size) return `a receipt speaks of ${head.size} leaves, the log has ${tree.size}`;
  if (toBase64(tree.root(head.size)) !== toBase64(head.root))
    return `the log is not the one of the receipt for leaf ${index}`;
  const proven =
    index < tree.size &&
    verifyInclusion(sha256, { leaf: tree.leaf(index), index, size: head.size, root: head.root, proof });
  return proven ? undefined : `the receipt for leaf ${index} does not prove it`;
}

function judge(log: AuditedLog, { behavior, limits }: AuditOptions): AuditReport['conformance'] {
  if (behavior === undefined) return { kind: 'not judged', reason: 'no specification was given' };
  if (log.findings.some(({ kind }) => kind === 'not a leaf'))
    return { kind: 'not judged', reason: 'some lines are not leaves' };
  return conformanceOf(log.lines, behavior, limits);
}
