/** `csp audit LOG`: whether a log is whole, who vouches for it, and whether what it tells conforms to its protocol. Offline. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { auditFile } from '@enhanced-csp/engine';
import { type AuditReport, fromBase64, type NoteKey, parseKey, type VerifySignature } from '@enhanced-csp/engine/audit';
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

interface Flags {
  readonly key: string | undefined;
  readonly root: string | undefined;
  readonly receipt: readonly string[] | undefined;
  readonly json: boolean;
}

const FINDINGS_SHOWN = 10;

export const auditCommand = buildCommand<Flags, [string], Context>({
  docs: {
    brief: 'Re-check the log of a conversation, offline',
    fullDescription: [
      'Checks that no byte of LOG was changed, and that what it tells is a behavior of the protocol in its first line.',
      '',
      '  csp audit deal.log',
      '  csp audit deal.log --key csp-data/audit.key.pub',
      '  csp audit deal.log --root jF0Z…= --json',
      '  csp audit http://127.0.0.1:8000/api/conversations/conv_…/log',
      '',
      'Without a key, root or receipt that was known before, a log that somebody rewrote as a whole cannot be told from a true one.',
      'Exit status: 0 passed, 1 broken, forged or not conforming, 3 no such file.',
    ].join('\n'),
  },
  parameters: {
    positional: {
      kind: 'tuple',
      parameters: [
        { brief: 'The exported log: a file, or where a platform has it', parse: String, placeholder: 'LOG' },
      ],
    },
    flags: {
      key: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'Public key of the platform: its text, or a file with it',
      },
      root: { kind: 'parsed', parse: String, optional: true, brief: 'Root hash known from elsewhere, Base 64' },
      receipt: {
        kind: 'parsed',
        parse: String,
        optional: true,
        variadic: true,
        brief: 'File with a receipt given out earlier',
      },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  async func(flags, path) {
    const file = /^https?:/.test(path) ? await download(path) : readBytes(path);
    const report = auditFile(file, {
      sha256,
      ...(flags.key !== undefined && { signedBy: { keys: [keyOf(flags.key)], verify: verifyEd25519 } }),
      ...(flags.root !== undefined && { root: rootOf(flags.root) }),
      ...(flags.receipt && { receipts: flags.receipt.map((name) => readBytes(name).toString('utf8')) }),
    });
    this.print(flags.json ? JSON.stringify({ file: path, ...report }) : inWords(path, report, this));
    this.end(report.passed ? EXIT.ok : EXIT.propertyFails);
  },
});

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
