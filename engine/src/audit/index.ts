export { type AuditOptions, type AuditReport, auditLog } from './audit.ts';
export { fromBase64, toBase64 } from './base64.ts';
export { canonical, canonicalBytes, NotCanonical } from './canonical.ts';
export { type Behavior, type Conformance, conformanceOf, type Violation } from './conformance.ts';
export { type Entry, type Leaf, type LoggedProtocol, leafOf, payloadHash, type RefusalReason } from './leaf.ts';
export {
  type Consistency,
  type Inclusion,
  leafHash,
  MerkleTree,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
export {
  type Checkpoint,
  formatCheckpoint,
  formatKey,
  formatReceipt,
  type Note,
  type NoteKey,
  parseCheckpoint,
  parseKey,
  parseNote,
  parseReceipt,
  type Receipt,
  signNote,
  type VerifySignature,
  verifyNote,
} from './note.ts';
export { type AuditedLog, type Finding, type LogLine, readLog } from './read.ts';
export type { Sha256 } from './sha256.ts';
export { checkpointLine, LogWriter, logFile, type NoteSigner, originOf } from './writer.ts';
