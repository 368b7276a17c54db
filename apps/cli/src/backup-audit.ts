/** The audit of every conversation in a copy of the embedded database: the same audit that anybody can make of an exported log. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { auditFile } from '@enhanced-csp/engine';
import { LogWriter, logFile } from '@enhanced-csp/engine/audit';
import { maintenance } from '@enhanced-csp/storage';

const STREAMS = 'conversation.';

export interface BackupAudit {
  readonly conversations: number;
  readonly leaves: number;
  readonly failures: readonly { readonly conversation: string; readonly message: string }[];
}

/**
 * Each log must be whole and conform to the protocol in its first line, and have the events its record counts. Who rewrote a log as a whole, with its
 * record, is found only by a key, a root or a receipt known before: `csp audit`.
 */
export async function auditBackup(
  file: string,
  told: (conversations: number) => void = () => {},
): Promise<BackupAudit> {
  const { embeddedTables, readEmbedded } = await maintenance();
  const contents = readEmbedded(file);
  try {
    const { entries, records } = embeddedTables(contents);
    const counted = new Map<string, number>();
    for (const row of records('conversations')) {
      const { accepted } = JSON.parse(row.body) as { accepted: number };
      counted.set(row.id, accepted);
    }
    const failures: { conversation: string; message: string }[] = [];
    let leaves = 0;
    let conversations = 0;
    for (const [stream, log] of entries(STREAMS)) {
      const conversation = stream.slice(STREAMS.length);
      conversations += 1;
      leaves += log.length;
      const message = troubleOf(conversation, log, counted.get(conversation));
      if (message !== undefined) failures.push({ conversation, message });
      counted.delete(conversation);
      told(conversations);
    }
    for (const conversation of counted.keys()) failures.push({ conversation, message: 'its log is not there' });
    return { conversations, leaves, failures };
  } finally {
    contents.close();
  }
}

function troubleOf(
  conversation: string,
  leaves: readonly Uint8Array[],
  accepted: number | undefined,
): string | undefined {
  const writer = new LogWriter({ id: conversation, sha256 });
  for (const leaf of leaves) writer.resume(leaf);
  const report = auditFile(logFile(leaves, writer.checkpoint(SIGNER), sha256), { sha256 });
  const { integrity, conformance } = report;
  if (integrity.kind === 'broken') return `line ${integrity.findings[0]?.line}: ${integrity.findings[0]?.message}`;
  if (conformance.kind === 'violated') return `line ${conformance.violation.line}: ${conformance.violation.message}`;
  if (conformance.kind === 'not judged') return `not judged: ${conformance.reason}`;
  if (conformance.kind === 'unknown')
    return `undecided at line ${conformance.line}: the limit on ${conformance.spent} was reached`;
  if (conformance.accepted !== accepted)
    return `its log has ${conformance.accepted} accepted events, its record ${accepted === undefined ? 'is not there' : `counts ${accepted}`}`;
  return undefined;
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** A file of a log ends with a checkpoint; this one vouches for nothing and is thrown away. */
const keys = generateKeyPairSync('ed25519');
const SIGNER = {
  name: 'backup',
  publicKey: new Uint8Array(Buffer.from(keys.publicKey.export({ format: 'jwk' }).x as string, 'base64url')),
  sign: (bytes: Uint8Array): Uint8Array => new Uint8Array(sign(null, bytes, keys.privateKey)),
};
