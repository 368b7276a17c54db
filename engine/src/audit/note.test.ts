import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromBase64, toBase64 } from './base64.ts';
import {
  formatCheckpoint,
  formatKey,
  formatReceipt,
  type NoteKey,
  parseCheckpoint,
  parseKey,
  parseNote,
  parseReceipt,
  signNote,
  type VerifySignature,
  verifyNote,
} from './note.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const ed25519: VerifySignature = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};

describe('published note: Go, golang.org/x/mod/sumdb/note', () => {
  const peter = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  const note =
    'If you think cryptography is the answer to your problem,\n' +
    "then you don't know what your problem is.\n\n" +
    '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

  test('its key', () => {
    const key = parseKey(sha256, peter);
    expect(key?.name).toBe('PeterNeumann');
    expect(formatKey(sha256, key!)).toBe(peter);
    expect(parseKey(sha256, peter.replace('c74f20a3', 'c74f20a4'))).toBeUndefined();
  });

  test('its signature', () => {
    const keys = [parseKey(sha256, peter)!];
    const options = { sha256, keys, verify: ed25519 };
    expect(verifyNote(parseNote(note)!, options)).toBe('signed');
    expect(verifyNote(parseNote(note.replace('your problem,', 'our problem,'))!, options)).toBe('forged');
    expect(verifyNote(parseNote(note)!, { ...options, keys: [] })).toBe('unknown key');
  });
});

describe('examples of the C2SP documents', () => {
  test('a note whose text has an empty line', () => {
    const note = parseNote(
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n' +
        '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n',
    );
    expect(note?.text.endsWith('\n\ned è subito sera.\n')).toBe(true);
    expect(note?.signatures.map(({ name, signature }) => [name, signature.length])).toEqual([
      ['quasimodo.example/salvatore', 64],
    ]);
  });

  test('a checkpoint', () => {
    const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const head = parseCheckpoint(text);
    expect(head).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
    expect(formatCheckpoint(head!)).toBe(text);
  });
});

describe('own notes', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url');
  const key: NoteKey = { name: 'platform.example', publicKey: raw };
  const text = formatCheckpoint({ origin: 'platform.example/conv_1', size: 3, root: sha256(new Uint8Array()) });
  const note = signNote(text, { sha256, key, sign: (message) => sign(null, message, privateKey) });
  const options = { sha256, keys: [key], verify: ed25519 };

  test('are verified, and no change of the text is', () => {
    expect(verifyNote(parseNote(note)!, options)).toBe('signed');
    for (let i = 0; i < text.length; i++) {
      const flipped = note.slice(0, i) + String.fromCharCode(note.charCodeAt(i) ^ 2) + note.slice(i + 1);
      const parsed = parseNote(flipped);
      expect(parsed === undefined ? 'malformed' : verifyNote(parsed, options)).not.toBe('signed');
    }
  });

  test('a receipt comes back as it was written', () => {
    const receipt = { index: 2, proof: [sha256(raw), sha256(new Uint8Array())], checkpoint: note };
    const parsed = parseReceipt(formatReceipt(receipt));
    expect(parsed).toMatchObject({ index: 2, checkpoint: note });
    expect(parsed?.proof.map(toBase64)).toEqual(receipt.proof.map(toBase64));
    expect(parseReceipt(formatReceipt(receipt).replace('@v1', '@v2'))).toBeUndefined();
    expect(parseReceipt('')).toBeUndefined();
  });
});

test.each([
  ['no signature', 'text\n'],
  ['no newline at the end', 'text\n\n— name AAAAAAAA'],
  ['a control character', 'te\u0001xt\n\n— name AAAAAAAA\n'],
  ['a name with a plus', 'text\n\n— na+me AAAAAAAA\n'],
  ['a signature that is not Base 64', 'text\n\n— name A?AAAAAA\n'],
])('a note with %s is malformed', (_, note) => {
  expect(parseNote(note)).toBeUndefined();
});

test.each([
  'origin\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
  'origin\n1\nAAAA\n',
  '\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n',
  'origin\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
])('not a checkpoint: %j', (text) => {
  expect(parseCheckpoint(text)).toBeUndefined();
});

test('Base 64 is strict', () => {
  expect(fromBase64('AAB=')).toBeUndefined(); // unused bits set
  expect(fromBase64('AA')).toBeUndefined(); // no padding
  expect(fromBase64('A A=')).toBeUndefined();
  expect([...fromBase64('AAE=')!]).toEqual([0, 1]);
});
