/** The log of a run in process, in the format that `csp audit` checks, signed with a key made for this run. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { formatKey, type LoggedProtocol, LogWriter, logFile, type NoteSigner } from '@enhanced-csp/engine/audit';
import type { Played } from '@enhanced-csp/engine/runtime';

export interface SavedLog {
  readonly log: string;
  /** Public key, as `csp audit --key` takes it. */
  readonly key: string;
}

export function saveLog(
  path: string,
  { name, source, system, roles }: LoggedProtocol,
  { attempts, session }: Played,
): SavedLog {
  const writer = new LogWriter({ id: `run-${new Date().toISOString()}`, sha256 });
  const now = () => new Date().toISOString();
  const { mode } = session;
  const protocol = { name, source, system, roles };
  const leaves = [writer.append({ kind: 'opened', protocol, ...(mode !== 'block' && { mode }) }, now())];
  for (const attempt of attempts) {
    const { role, event } = attempt;
    if (attempt.kind === 'accepted') leaves.push(writer.append({ kind: 'event', role, event }, now()));
    else {
      const { reason, expected } = attempt;
      const kind = attempt.kind === 'refused' ? 'refusal' : 'unlawful';
      leaves.push(writer.append({ kind, role, event, reason, expected }, now()));
      if (attempt.kind === 'refused' && attempt.quarantine !== undefined)
        leaves.push(writer.append({ kind: 'quarantined', role, reason: 'unlawful' }, now()));
    }
  }
  const { status } = session;
  leaves.push(writer.append({ kind: 'closed', reason: status === 'running' ? 'stopped' : status }, now()));
  const signer = signerOfThisRun();
  writeFileSync(path, logFile(leaves, writer.checkpoint(signer), sha256));
  return { log: path, key: formatKey(sha256, signer) };
}

function signerOfThisRun(): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  return {
    name: 'csp-run',
    publicKey: Buffer.from(x!, 'base64url'),
    sign: (message) => sign(null, message, privateKey),
  };
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
