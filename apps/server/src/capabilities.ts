/** The system's own capabilities: the only place where time, chance and keys come from the machine. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomFillSync,
  sign,
} from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { type Clock, Fault, type Hash, type Random, randomFrom, type Signer } from '@enhanced-csp/platform';
import { makeFolder, unusableFolder } from '@enhanced-csp/storage';

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, wake) {
    // A timer alone does not keep a server alive that has nothing else to do.
    const timer = setTimeout(wake, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

/** Drawn some thousand at a time: asking the system costs more than the bytes. Each is given out once, and not kept. */
const drawn = new Uint8Array(4096);
let given = drawn.length;

function randomBytes(count: number): Uint8Array {
  if (count > drawn.length) return randomFillSync(new Uint8Array(count));
  if (given + count > drawn.length) {
    randomFillSync(drawn);
    given = 0;
  }
  const bytes = drawn.slice(given, given + count);
  drawn.fill(0, given, given + count);
  given += count;
  return bytes;
}

export const systemRandom: Random = randomFrom(randomBytes, systemClock);

/** Taken as text and copied: a Buffer has memory outside the heap, and costs three times the hash. */
export const systemHash: Hash = {
  sha256(bytes) {
    const text = hash('sha256', bytes, 'binary');
    const digest = new Uint8Array(text.length);
    for (let index = 0; index < text.length; index++) digest[index] = text.charCodeAt(index);
    return digest;
  },
};

/**
 * The Ed25519 key of this installation: made once, in the data folder, readable by its owner only.
 * It signs checkpoints of the audit log; whoever has the public key can check them without this server.
 */
export function installationSigner(folder: string): Signer {
  const key = loadOrMakeKey(join(folder, 'signing-key.pem'));
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return {
    name: `csp.${hostname().toLowerCase()}`,
    publicKey: new Uint8Array(Buffer.from(x as string, 'base64url')),
    sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
  };
}

/**
 * @throws Fault `CSP-CFG-006` when there is a key that cannot be read. It is never replaced: what it signed would lose its meaning.
 * @throws Fault `CSP-STO-010` when there is none, and none can be written.
 */
function loadOrMakeKey(file: string): KeyObject {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    try {
      makeFolder(dirname(file), 0o700);
      writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
    } catch (cause) {
      // Another server made it in this very moment: that one is the key.
      if ((cause as { code?: string }).code !== 'EEXIST' || !existsSync(file))
        throw unusableFolder(dirname(file), cause);
    }
  }
  try {
    return createPrivateKey(readFileSync(file));
  } catch (cause) {
    throw new Fault('CSP-CFG-006', 'internal', `The signing key ${file} cannot be read: ${(cause as Error).message}.`, {
      details: { file },
      cause,
    });
  }
}
