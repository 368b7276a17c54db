/** The work of `csp audit`, loaded when the command is called. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { auditFile } from '@enhanced-csp/engine';
import { type AuditReport, fromBase64, type NoteKey, parseKey, type VerifySignature } from '@enhanced-csp/engine/audit';
import type { Flags } from '../commands/audit.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

const FINDINGS_SHOWN = 10;

export async function auditLogFile(this: Context, flags: Flags, path: string): Promise<void> {
  const file = /^https?:/.test(path) ? await download(path) : memberOf(readBytes(path), 'log');
  const report = auditFile(file, {
    sha256,
    ...(flags.key !== undefined && { signedBy: { keys: [keyOf(flags.key)], verify: verifyEd25519 } }),
    ...(flags.root !== undefined && { root: rootOf(flags.root) }),
    ...(flags.receipt && {
      receipts: flags.receipt.map((name) => memberOf(readBytes(name), 'receipt').toString('utf8')),
    }),
  });
  this.print(flags.json ? JSON.stringify({ file: path, ...report }) : inWords(path, report, this));
  this.end(report.passed ? EXIT.ok : EXIT.propertyFails);
}

function inWords(path: string, report: AuditReport, { paint }: Context): string {
  const mark = (good: boolean) => (good ? paint.good('✓') : paint.bad('✗'));
  const { integrity, authenticity, conformance } = report;
  const lines = [`${path}: ${report.leafCount} leaves, root ${report.root}`];
  lines.push(`${mark(integrity.kind === 'intact')} integrity     ${integrity.kind}`);
  if (integrity.kind === 'broken') {
    for (const { line, message } of integrity.findings.slice(0, FINDINGS_SHOWN))
      lines.push(`    line ${line}: ${message}`);
    if (integrity.findings.length > FINDINGS_SHOWN)
      lines.push(`    and ${integrity.findings.length - FINDINGS_SHOWN} more`);
  }
  lines.push(`${mark(authenticity.kind !== 'forged')} authenticity  ${authenticity.message}`);
  lines.push(`${mark(conformance.kind === 'conforms')} conformance   ${conformanceInWords(conformance)}`);
  if (conformance.kind === 'violated' && conformance.violation.expected.length > 0)
    lines.push(`    possible there: ${conformance.violation.expected.join(', ')}`);
  return lines.join('\n');
}

function conformanceInWords(conformance: AuditReport['conformance']): string {
  switch (conformance.kind) {
    case 'conforms':
      return `${conformance.accepted} events accepted, ${conformance.refused} refused, each rightly; ${conformance.ending}`;
    case 'violated':
      return `line ${conformance.violation.line}: ${conformance.violation.message}`;
    case 'unknown':
      return `undecided at line ${conformance.line}: the limit on ${conformance.spent} was reached`;
    case 'not judged':
      return `not judged: ${conformance.reason}`;
    default:
      return conformance satisfies never;
  }
}

/** The log as a platform answers it: a JSON document whose member `log` is the file. */
async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { headers: { accept: 'application/json' } }).catch((cause: unknown) => {
    throw new CommandFailed(EXIT.unreachable, `nobody answers at ${url}`, { cause });
  });
  if (!response.ok) throw new CommandFailed(EXIT.notFound, `${url} answers ${response.status}`);
  const { log } = (await response.json()) as { log?: unknown };
  if (typeof log !== 'string') throw new CommandFailed(EXIT.invalidInput, `${url} is not the log of a conversation`);
  return new TextEncoder().encode(log);
}

/** A file may be the answer of a platform as it was downloaded: the log, or the receipt, is then a member of it. A log by itself has more lines than one, and is no JSON. */
function memberOf(file: Buffer, name: 'log' | 'receipt'): Buffer {
  try {
    const member: unknown = JSON.parse(file.toString('utf8'))?.[name];
    return typeof member === 'string' ? Buffer.from(member) : file;
  } catch {
    return file;
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandFailed(EXIT.notFound, `cannot read ${path}: ${(error as Error).message}`, { cause: error });
  }
}

function keyOf(given: string): NoteKey {
  const text = (existsSync(given) ? readFileSync(given, 'utf8') : given).trim();
  const key = parseKey(sha256, text);
  if (key === undefined)
    throw new CommandFailed(EXIT.usage, `'${given}' is neither a public key (name+hash+base64) nor a file with one`);
  return key;
}

function rootOf(text: string): Uint8Array {
  const root = fromBase64(text);
  if (root?.length !== 32)
    throw new CommandFailed(EXIT.usage, `'${text}' is not a root: 32 bytes in Base 64 are expected`);
  return root;
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

const verifyEd25519: VerifySignature = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};
