import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafHash, MerkleTree, verifyConsistency, verifyInclusion } from './merkle.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const fromHex = (text: string): Uint8Array => Buffer.from(text, 'hex');

describe('published tree of eight leaves (RFC 6962, certificate-transparency)', () => {
  const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const roots = [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];
  const tree = treeOf(leaves.map(fromHex));

  test('roots', () => {
    expect(roots.map((_, i) => hex(tree.root(i + 1)))).toEqual(roots);
    expect(hex(new MerkleTree(sha256).root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  test('leaf and empty leaf hashes', () => {
    expect(hex(leafHash(sha256, Buffer.from('L123456')))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
    expect(hex(leafHash(sha256, new Uint8Array()))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  test('proofs', () => {
    expect(tree.inclusionProof(0).map(hex)).toEqual([
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ]);
    expect(tree.consistencyProof(6).map(hex)).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
  });
});

interface Probe {
  readonly name: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
}
interface InclusionProbe extends Probe {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string | null;
  readonly leafHash: string | null;
}
interface ConsistencyProbe extends Probe {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string | null;
  readonly root2: string | null;
}

describe('probes of transparency-dev/merkle', () => {
  test('inclusion', () => {
    const probes = read<InclusionProbe>('inclusion');
    for (const { name, leafIdx, treeSize, root, leafHash, proof, wantErr } of probes) {
      const claim = {
        leaf: bytes(leafHash),
        index: leafIdx,
        size: treeSize,
        root: bytes(root),
        proof: (proof ?? []).map(bytes),
      };
      expect(verifyInclusion(sha256, claim), name).toBe(!wantErr);
    }
    expect(new Set(probes.map((probe) => probe.wantErr)).size).toBe(2);
  });

  test('consistency', () => {
    const probes = read<ConsistencyProbe>('consistency');
    for (const { name, size1, size2, root1, root2, proof, wantErr } of probes) {
      const claim = {
        from: { size: size1, root: bytes(root1) },
        to: { size: size2, root: bytes(root2) },
        proof: (proof ?? []).map(bytes),
      };
      expect(verifyConsistency(sha256, claim), name).toBe(!wantErr);
    }
    expect(new Set(probes.map((probe) => probe.wantErr)).size).toBe(2);
  });
});

describe('against the definition, all trees up to 33 leaves', () => {
  const leaves = Array.from({ length: 33 }, (_, i) => Uint8Array.of(i, i * 7));
  const tree = treeOf(leaves);

  test('roots and inclusion proofs', () => {
    for (let n = 1; n <= leaves.length; n++) {
      expect(hex(tree.root(n))).toBe(hex(definedRoot(leaves.slice(0, n))));
      for (let m = 0; m < n; m++) {
        const proof = tree.inclusionProof(m, n);
        expect(proof.map(hex)).toEqual(definedPath(m, leaves.slice(0, n)).map(hex));
        const claim = { leaf: leafHash(sha256, leaves[m]!), index: m, size: n, root: tree.root(n), proof };
        expect(verifyInclusion(sha256, claim)).toBe(true);
        expect(verifyInclusion(sha256, { ...claim, index: (m + 1) % (n + 1) })).toBe(false);
      }
    }
  });

  test('consistency proofs', () => {
    for (let n = 1; n <= leaves.length; n++) {
      for (let m = 1; m <= n; m++) {
        const proof = tree.consistencyProof(m, n);
        expect(proof.map(hex)).toEqual(definedProof(m, leaves.slice(0, n)).map(hex));
        const claim = { from: { size: m, root: tree.root(m) }, to: { size: n, root: tree.root(n) }, proof };
        expect(verifyConsistency(sha256, claim)).toBe(true);
        if (m < n)
          expect(verifyConsistency(sha256, { ...claim, from: { size: m, root: tree.root(m + 1) } })).toBe(false);
      }
    }
  });
});

test('a proof with one bit changed proves nothing', () => {
  const tree = treeOf(Array.from({ length: 100 }, (_, i) => Uint8Array.of(i)));
  fc.assert(
    fc.property(fc.nat(99), fc.nat(), fc.nat(255), (index, where, bit) => {
      const proof = tree.inclusionProof(index).map((hash) => Uint8Array.from(hash));
      const claim = { leaf: tree.leaf(index), index, size: 100, root: tree.root(), proof };
      expect(verifyInclusion(sha256, claim)).toBe(true);
      proof[where % proof.length]![bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyInclusion(sha256, claim)).toBe(false);
    }),
    { seed: 6962, numRuns: 300 },
  );
});

test('what is not in the tree is said', () => {
  const tree = treeOf([Uint8Array.of(1)]);
  expect(() => tree.inclusionProof(1)).toThrow(RangeError);
  expect(() => tree.root(2)).toThrow(RangeError);
  expect(() => tree.consistencyProof(0)).toThrow(RangeError);
});

function treeOf(leaves: readonly Uint8Array[]): MerkleTree {
  const tree = new MerkleTree(sha256);
  for (const leaf of leaves) tree.append(leafHash(sha256, leaf));
  return tree;
}

function read<P extends Probe>(kind: string): P[] {
  const text = readFileSync(new URL(`./vectors/${kind}.ndjson`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as P);
}

function bytes(text: string | null): Uint8Array {
  return Buffer.from(text ?? '', 'base64');
}

// MTH, PATH and PROOF word for word from RFC 6962 section 2.1, recomputed from the leaves each time.
function definedRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return sha256(Buffer.concat([Uint8Array.of(0), leaves[0]!]));
  const k = largestPowerBelow(leaves.length);
  return sha256(Buffer.concat([Uint8Array.of(1), definedRoot(leaves.slice(0, k)), definedRoot(leaves.slice(k))]));
}

function definedPath(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const k = largestPowerBelow(leaves.length);
  return m < k
    ? [...definedPath(m, leaves.slice(0, k)), definedRoot(leaves.slice(k))]
    : [...definedPath(m - k, leaves.slice(k)), definedRoot(leaves.slice(0, k))];
}

function definedProof(m: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  return definedSubproof(m, leaves, true);
}

function definedSubproof(m: number, leaves: readonly Uint8Array[], known: boolean): Uint8Array[] {
  if (m === leaves.length) return known ? [] : [definedRoot(leaves)];
  const k = largestPowerBelow(leaves.length);
  return m <= k
    ? [...definedSubproof(m, leaves.slice(0, k), known), definedRoot(leaves.slice(k))]
    : [...definedSubproof(m - k, leaves.slice(k), false), definedRoot(leaves.slice(0, k))];
}

function largestPowerBelow(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}
