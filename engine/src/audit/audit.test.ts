import { createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Alphabet, type EventId, TAU, TICK } from '../csp/index.ts';
import type { Lts, StateId, Transitions } from '../lts/index.ts';
import { type AuditReport, auditLog } from './audit.ts';
import { canonical } from './canonical.ts';
import type { Behavior } from './conformance.ts';
import { type Entry, leafOf, payloadHash } from './leaf.ts';
import { leafHash } from './merkle.ts';
import type { VerifySignature } from './note.ts';
import { readLog } from './read.ts';
import { checkpointLine, LogWriter, logFile, type NoteSigner } from './writer.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');
const ed25519: VerifySignature = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};
const signer = newSigner('platform.example');
const AT = '2026-11-23T04:00:00.000Z';
const header: Entry = {
  kind: 'opened',
  protocol: { name: 'haggle', source: 'channel ask, take : …', system: 'HAGGLE', roles: ['buyer', 'seller'] },
};

/**
 * HAGGLE = ask.buyer.1 -> (take.seller -> SKIP |~| ask.seller.2 -> HAGGLE): the seller's choice is internal, so after an offer the
 * specification is in several places at once.
 */
function haggle(): Behavior {
  const alphabet = new Alphabet();
  const [ask, take, counter] = ['ask.buyer.1', 'take.seller', 'ask.seller.2'].map((name) => alphabet.intern(name));
  alphabet.intern('pay.buyer'); // declared, and never possible
  const lts = ltsOf(alphabet, [
    [[ask!, 1]],
    [
      [TAU, 2],
      [TAU, 3],
    ],
    [[take!, 4]],
    [[counter!, 0]],
    [[TICK, 5]],
    [],
  ]);
  return { lts, performerOf: (event) => alphabet.nameOf(event).split('.')[1] ?? 'environment' };
}

const conversation: readonly Entry[] = [
  header,
  { kind: 'event', role: 'buyer', event: 'ask.buyer.1' },
  { kind: 'refusal', role: 'buyer', event: 'ask.buyer.1', reason: 'not now', expected: [] },
  {
    kind: 'event',
    role: 'seller',
    event: 'ask.seller.2',
    payload: payloadHash(sha256, Uint8Array.of(1, 2, 3), { note: 'é' }),
  },
  { kind: 'refusal', role: 'seller', event: 'pay.buyer', reason: 'not yours', expected: [] },
  { kind: 'event', role: 'buyer', event: 'ask.buyer.1' },
  {
    kind: 'refusal',
    role: 'seller',
    event: 'steal.seller',
    reason: 'unknown event',
    expected: ['ask.seller.2', 'take.seller'],
  },
  { kind: 'event', role: 'seller', event: 'take.seller' },
  { kind: 'closed', reason: 'terminated' },
  { kind: 'refusal', role: 'buyer', event: 'ask.buyer.1', reason: 'over', expected: [] },
];

const file = exported(conversation);
const intact = report(file);

describe('an untouched log', () => {
  test('passes, and says who vouches for it', () => {
    expect(intact.integrity).toEqual({ kind: 'intact' });
    expect(intact.authenticity.kind).toBe('itself');
    expect(intact.conformance).toEqual({ kind: 'conforms', accepted: 4, refused: 4, ending: 'terminated' });
    expect(intact.passed).toBe(true);
    expect(report(file, { signedBy: { keys: [signer], verify: ed25519 } }).authenticity.kind).toBe('signed');
    expect(report(file, { root: Buffer.from(intact.root, 'base64') }).authenticity.kind).toBe('known root');
  });

  test('that still runs passes at every length', () => {
    for (let length = 1; length <= conversation.length; length++)
      expect(report(exported(conversation.slice(0, length))).passed).toBe(true);
  });

  test('names its protocol', () => {
    expect(readLog(file, { sha256 }).protocol?.system).toBe('HAGGLE');
  });
});

describe('damage is found, all of it', () => {
  const lines = new TextDecoder().decode(file).trimEnd().split('\n');
  const lineOf = (offset: number): number =>
    Buffer.from(file.subarray(0, offset)).toString('latin1').split('\n').length;

  test('five bits of every byte, at its line', () => {
    let mutants = 0;
    for (let offset = 0; offset < file.length; offset++) {
      for (const bit of [0, 2, 4, 5, 7]) {
        const mutant = Uint8Array.from(file);
        mutant[offset]! ^= 1 << bit;
        const integrity = integrityOf(mutant);
        if (integrity.kind !== 'broken' || integrity.findings[0]!.line !== lineOf(offset))
          expect.unreachable(`bit ${bit} of byte ${offset}, line ${lineOf(offset)}: ${JSON.stringify(integrity)}`);
        mutants++;
      }
    }
    expect(mutants).toBe(file.length * 5);
    expect(mutants).toBeGreaterThan(10_000);
  });

  test('random bytes in place of others', () => {
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.uint8Array({ minLength: 1, maxLength: 6 }), (offset, bytes) => {
        const mutant = Uint8Array.from(file);
        mutant.set(bytes.subarray(0, file.length - offset), offset);
        fc.pre(!Buffer.from(mutant).equals(Buffer.from(file)));
        expect(integrityOf(mutant).kind).toBe('broken');
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  test('every truncation', () => {
    for (let length = 0; length < file.length; length++)
      expect(integrityOf(file.subarray(0, length)).kind, `${length} bytes`).toBe('broken');
  });

  test('every line dropped, doubled, swapped with any other', () => {
    const broken = (changed: readonly string[]): boolean =>
      integrityOf(new TextEncoder().encode(`${changed.join('\n')}\n`)).kind === 'broken';
    for (let i = 0; i < lines.length; i++) {
      expect(broken(lines.toSpliced(i, 1)), `line ${i + 1} dropped`).toBe(true);
      expect(broken(lines.toSpliced(i, 0, lines[i]!)), `line ${i + 1} doubled`).toBe(true);
      for (let j = 0; j < i; j++)
        expect(broken(lines.with(i, lines[j]!).with(j, lines[i]!)), `lines ${j + 1} and ${i + 1} swapped`).toBe(true);
    }
  });

  test('a line of another log', () => {
    const other = new TextDecoder().decode(exported(conversation, 'conv_2')).trimEnd().split('\n');
    for (let i = 0; i < lines.length; i++) {
      const mixed = new TextEncoder().encode(`${lines.with(i, other[i]!).join('\n')}\n`);
      expect(integrityOf(mixed).kind, `line ${i + 1}`).toBe('broken');
    }
  });

  test('a line written again without repairing the rest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: lines.length - 2 }),
        fc.constantFrom('role', 'at', 'log', 'seq'),
        (i, member) => {
          const leaf = JSON.parse(lines[i]!) as Record<string, unknown>;
          const changed = {
            ...leaf,
            [member]: member === 'seq' ? 40 : member === 'at' ? '2020-01-01T00:00:00Z' : 'other',
          };
          fc.pre(member in leaf);
          const mutant = new TextEncoder().encode(`${lines.with(i, canonical(changed)).join('\n')}\n`);
          const integrity = integrityOf(mutant);
          expect(integrity.kind === 'broken' && integrity.findings[0]?.line).toBe(i + 1);
        },
      ),
      { seed: 2, numRuns: 100 },
    );
  });

  test('members that are not of the format', () => {
    const leaf = JSON.parse(lines[1]!) as object;
    const mutant = new TextEncoder().encode(`${lines.with(1, canonical({ ...leaf, hidden: true })).join('\n')}\n`);
    expect(integrityOf(mutant)).toMatchObject({ findings: [{ line: 2, kind: 'not a leaf' }] });
  });
});

describe('a log rewritten as a whole', () => {
  const rewritten = conversation.with(1, {
    kind: 'event',
    role: 'buyer',
    event: 'ask.buyer.1',
    payload: payloadHash(sha256, Uint8Array.of(9), 0),
  });
  const stranger = newSigner('platform.example');

  test('agrees with itself', () => {
    expect(report(exported(rewritten, 'conv_1', stranger)).passed).toBe(true);
  });

  test('is forged against a known root, a known key, or a receipt', () => {
    const root = Buffer.from(intact.root, 'base64');
    const signedBy = { keys: [signer], verify: ed25519 };
    const receipt = writer(conversation.slice(0, 6)).receipt(1, signer);
    const forged = exported(rewritten, 'conv_1', stranger);
    expect(report(forged, { root }).authenticity.kind).toBe('forged');
    expect(report(forged, { signedBy }).authenticity.kind).toBe('forged');
    expect(report(exported(rewritten), { signedBy }).authenticity.kind).toBe('signed'); // by the operator himself
    expect(report(exported(rewritten), { signedBy, receipts: [receipt] }).authenticity.kind).toBe('forged');
    expect(report(file, { signedBy, receipts: [receipt] }).authenticity.kind).toBe('signed');
    expect(report(forged, { root }).passed).toBe(false);
  });

  test('a checkpoint of another log does not count', () => {
    const checkpoint = writer(conversation, 'conv_2').checkpoint(signer);
    const lines = new TextDecoder().decode(file).trimEnd().split('\n');
    const mixed = new TextEncoder().encode(
      `${lines.with(-1, checkpointLine(checkpoint, leafHash(sha256, Buffer.from(lines.at(-2)!)), sha256)).join('\n')}\n`,
    );
    expect(report(mixed).integrity.kind).toBe('broken');
  });
});

describe('conformance', () => {
  const first = (entries: readonly Entry[]) => {
    const { conformance, passed } = report(exported([header, ...entries]));
    return conformance.kind === 'violated' ? { passed, ...conformance.violation } : conformance;
  };
  const ask: Entry = { kind: 'event', role: 'buyer', event: 'ask.buyer.1' };

  test('an event out of turn', () => {
    expect(first([ask, ask])).toMatchObject({
      kind: 'not a trace',
      line: 3,
      event: 'ask.buyer.1',
      expected: ['take.seller', 'ask.seller.2'],
      passed: false,
    });
  });

  test('an event in the name of somebody else', () => {
    expect(first([{ kind: 'event', role: 'seller', event: 'ask.buyer.1' }])).toMatchObject({
      kind: 'not yours',
      line: 2,
    });
  });

  test('a refusal that was not called for', () => {
    const refusal: Entry = {
      kind: 'refusal',
      role: 'buyer',
      event: 'ask.buyer.1',
      reason: 'not now',
      expected: ['ask.buyer.1'],
    };
    expect(first([refusal])).toMatchObject({ kind: 'refused though possible', line: 2, expected: ['ask.buyer.1'] });
    expect(first([ask, { ...refusal, role: 'seller', event: 'take.seller', expected: [] }])).toMatchObject({
      kind: 'refused though possible',
      line: 3,
    });
  });

  test('a wrong expected set', () => {
    const refusal: Entry = {
      kind: 'refusal',
      role: 'seller',
      event: 'pay.buyer',
      reason: 'not yours',
      expected: ['take.seller'],
    };
    expect(first([refusal])).toMatchObject({ kind: 'wrong expected set', line: 2 });
  });

  test('an ending that was none', () => {
    expect(first([ask, { kind: 'closed', reason: 'terminated' }])).toMatchObject({ kind: 'wrong ending', line: 3 });
    expect(first([ask, { kind: 'closed', reason: 'stuck' }])).toMatchObject({ kind: 'wrong ending', line: 3 });
    expect(first([ask, { kind: 'closed', reason: 'stopped' }])).toMatchObject({ kind: 'conforms', ending: 'stopped' });
    expect(first([{ kind: 'closed', reason: 'stopped' }, ask])).toMatchObject({ kind: 'after the end', line: 3 });
  });

  test('a limit is not a pass', () => {
    const log = readLog(exported([header, ask]), { sha256 });
    const { conformance, passed } = auditLog(log, { sha256, behavior: haggle(), limits: { stateCountMax: 1 } });
    expect(conformance).toMatchObject({ kind: 'unknown', spent: 'states' });
    expect(passed).toBe(false);
  });

  test('agrees with all traces up to length 5, from the definition', () => {
    const names = ['ask.buyer.1', 'take.seller', 'ask.seller.2', 'pay.buyer'];
    const performer = (name: string): string => name.split('.')[1]!;
    let traces = 0;
    const visit = (trace: readonly string[]): void => {
      const { conformance } = report(
        exported([header, ...trace.map((event): Entry => ({ kind: 'event', role: performer(event), event }))]),
      );
      expect(conformance.kind === 'conforms', trace.join(' ')).toBe(isTrace(trace));
      traces++;
      if (trace.length < 5) for (const name of names) visit([...trace, name]);
    };
    visit([]);
    expect(traces).toBe(1 + 4 + 16 + 64 + 256 + 1024);
  });

  /** (ask.buyer.1 ask.seller.2)* (ask.buyer.1 (take.seller)?)? */
  function isTrace(trace: readonly string[]): boolean {
    return /^(as)*(a(t)?)?$/.test(
      trace.map((name) => ({ 'ask.buyer.1': 'a', 'ask.seller.2': 's', 'take.seller': 't' })[name] ?? 'x').join(''),
    );
  }
});

describe('modes', () => {
  const ask: Entry = { kind: 'event', role: 'buyer', event: 'ask.buyer.1' };
  const again = { role: 'buyer', event: 'ask.buyer.1', reason: 'not now', expected: [] } as const;
  const judged = (...entries: Entry[]) => report(exported(entries)).conformance;
  const observed: Entry = { ...header, mode: 'observe' };
  const guarded: Entry = { ...header, mode: 'quarantine' };

  test('what was observed is named, and the rest of the log is judged', () => {
    const rest: Entry[] = [{ kind: 'event', role: 'seller', event: 'ask.seller.2' }, ask];
    expect(
      judged(observed, ask, { kind: 'unlawful', ...again }, { kind: 'unlawful', ...again }, ...rest),
    ).toMatchObject({
      kind: 'violated',
      accepted: 3,
      unlawful: 2,
      violation: { line: 3, kind: 'delivered though unlawful' },
    });
    // A worse thing after it comes first.
    expect(judged(observed, ask, { kind: 'unlawful', ...again }, ask)).toMatchObject({
      violation: { line: 4, kind: 'not a trace' },
    });
  });

  test('a lawful event called unlawful, and an unlawful one delivered where that is not the mode, are violations', () => {
    expect(judged(observed, { kind: 'unlawful', ...again, expected: ['ask.buyer.1'] })).toMatchObject({
      violation: { line: 2, kind: 'refused though possible' },
    });
    // Where nothing may be delivered the log is judged no further.
    for (const opened of [header, guarded])
      expect(judged(opened, ask, { kind: 'unlawful', ...again }, ask)).toMatchObject({
        unlawful: 0,
        violation: { line: 3, kind: 'delivered though unlawful' },
      });
  });

  test('a quarantine needs a fault just before it, or silence of somebody who could move; and is in force', () => {
    const refusal: Entry = { kind: 'refusal', ...again };
    const out: Entry = { kind: 'quarantined', role: 'buyer', reason: 'unlawful' };
    const gone: Entry = { ...again, kind: 'refusal', reason: 'crashed' };
    expect(judged(guarded, ask, refusal, out, gone)).toMatchObject({ kind: 'conforms', refused: 2 });
    const wrong = { violation: { kind: 'wrong quarantine' } };
    expect(judged(guarded, ask, out)).toMatchObject(wrong);
    expect(judged(guarded, ask, refusal, { ...out, role: 'seller' })).toMatchObject(wrong);
    expect(judged(header, ask, refusal, out)).toMatchObject(wrong);
    expect(judged(guarded, ask, refusal, out, gone, out)).toMatchObject(wrong);
    expect(judged(guarded, { kind: 'closed', reason: 'stopped' }, { ...refusal, reason: 'over' }, out)).toMatchObject(
      wrong,
    );
    const silent: Entry = { kind: 'quarantined', role: 'seller', reason: 'silent' };
    expect(judged(guarded, ask, silent)).toMatchObject({ kind: 'conforms' });
    expect(judged(guarded, silent)).toMatchObject(wrong);
    expect(judged(guarded, ask, silent, { kind: 'event', role: 'seller', event: 'take.seller' })).toMatchObject({
      violation: { line: 4, kind: 'not yours' },
    });
  });

  test('a quarantine that was hidden, and a reason that is none', () => {
    const other: Entry = { kind: 'refusal', role: 'seller', event: 'ask.buyer.1', reason: 'not yours', expected: [] };
    const out: Entry = { kind: 'quarantined', role: 'seller', reason: 'unlawful' };
    expect(judged(guarded, other, out, ask)).toMatchObject({ kind: 'conforms' });
    const hidden = { violation: { line: 2, kind: 'wrong quarantine', role: 'seller' } };
    expect(judged(guarded, other, ask)).toMatchObject(hidden);
    expect(judged(guarded, other)).toMatchObject(hidden);
    expect(judged(header, other, ask)).toMatchObject({ kind: 'conforms' });
    // Where nothing is possible any more, nobody is at fault, though the log says it is over only at its end.
    const late: Entry = { ...other, event: 'ask.seller.2', role: 'buyer' };
    const end: Entry[] = [ask, { kind: 'event', role: 'seller', event: 'take.seller' }, late];
    expect(judged(guarded, ...end, { kind: 'closed', reason: 'terminated' })).toMatchObject({ kind: 'conforms' });
    expect(judged(guarded, ...end, { ...out, role: 'buyer' })).toMatchObject({ violation: { line: 5 } });
    // Nobody takes out the environment, and nobody a second time.
    expect(judged(guarded, { ...other, role: 'environment' }, ask)).toMatchObject({ kind: 'conforms' });
    expect(judged(guarded, other, out, { ...other, reason: 'crashed' }, ask)).toMatchObject({ kind: 'conforms' });
    const wrong = (line: number) => ({ violation: { line, kind: 'wrong reason' } });
    for (const reason of ['not now', 'over', 'crashed'] as const)
      expect(judged(guarded, { ...other, reason }, ask)).toMatchObject(wrong(2));
    for (const reason of ['not yours', 'over', 'crashed'] as const)
      expect(judged(guarded, ask, { ...again, kind: 'refusal', reason })).toMatchObject(wrong(3));
    expect(judged(guarded, other, out, other)).toMatchObject(wrong(4));
    const stopped: Entry = { kind: 'closed', reason: 'stopped' };
    expect(judged(header, stopped, other)).toMatchObject(wrong(3));
    expect(judged(guarded, other, out, stopped, { ...other, reason: 'over' })).toMatchObject({ kind: 'conforms' });
  });

  test('who is silent has to be the only one to move, and not by a crash', () => {
    const silent: Entry = { kind: 'quarantined', role: 'server', reason: 'silent' };
    const asked: Entry = { kind: 'event', role: 'client', event: 'ask.client' };
    const opened: Entry = { ...guarded, protocol: { ...header.protocol, roles: ['client', 'server'] } };
    const behaviorOf = (states: readonly (readonly (readonly [string, number])[])[]): Behavior => {
      const alphabet = new Alphabet();
      const id = (name: string): EventId => ({ tau: TAU, tick: TICK })[name] ?? alphabet.intern(name);
      const lts = ltsOf(
        alphabet,
        states.map((steps) => steps.map(([name, target]) => [id(name), target] as const)),
      );
      return { lts, performerOf: (event) => alphabet.nameOf(event).split('.')[1] ?? 'environment' };
    };
    const judgedBy = (behavior: Behavior) => report(exported([opened, asked, silent]), { behavior }).conformance;
    const after = (...settled: (readonly (readonly [string, number])[])[]) =>
      behaviorOf([[['ask.client', 1]], settled.map((_, at) => ['tau', at + 2] as const), ...settled]);
    const answers = ['answer.server', 0] as const;
    const crashes = ['crash.server', 0] as const;
    const leaves = ['leave.client', 0] as const;
    expect(judgedBy(after([answers, crashes]))).toMatchObject({ kind: 'conforms' });
    expect(judgedBy(after([answers, leaves], [answers]))).toMatchObject({ kind: 'conforms' });
    const wrong = { violation: { line: 3, kind: 'wrong quarantine' } };
    expect(judgedBy(after([crashes])), 'nobody owes a crash').toMatchObject(wrong);
    expect(judgedBy(after([answers, leaves])), 'both could').toMatchObject(wrong);
    expect(judgedBy(after([answers], [leaves])), 'both together').toMatchObject(wrong);
    expect(judgedBy(after([answers], [['tick', 0]])), 'it may end').toMatchObject(wrong);
    expect(judgedBy(after([answers], [])), 'it may stop').toMatchObject(wrong);
  });

  test('members that none of them has are no leaves', () => {
    for (const entry of [
      { ...header, mode: 'sometimes' },
      { kind: 'quarantined', role: 'buyer', reason: 'because' },
      { kind: 'unlawful', ...again, reason: 'maybe' },
    ] as unknown as Entry[])
      expect(() => exported([header, entry])).toThrow('is missing or wrong');
  });

  test('a member with a name that every object has may not ride along', () => {
    const leaf = { v: 1, log: 'conv_1', seq: 0, at: AT, ...header };
    expect(leafOf(leaf)).toBe(leaf);
    expect(leafOf({ ...leaf, toString: 'unseen' })).toBe('unknown member "toString"');
    expect(leafOf({ ...leaf, kind: 'constructor' })).toBe('unknown kind "constructor"');
  });
});

function report(bytes: Uint8Array, options: Omit<Parameters<typeof auditLog>[1], 'sha256'> = {}): AuditReport {
  return auditLog(readLog(bytes, { sha256 }), { sha256, behavior: haggle(), ...options });
}

function integrityOf(bytes: Uint8Array): AuditReport['integrity'] {
  return auditLog(readLog(bytes, { sha256 }), { sha256 }).integrity;
}

function writer(entries: readonly Entry[], id = 'conv_1'): LogWriter {
  const log = new LogWriter({ id, sha256 });
  for (const entry of entries) log.append(entry, AT);
  return log;
}

function exported(entries: readonly Entry[], id = 'conv_1', by: NoteSigner = signer): Uint8Array {
  const log = new LogWriter({ id, sha256 });
  const leaves = entries.map((entry) => log.append(entry, AT));
  return logFile(leaves, log.checkpoint(by), sha256);
}

function newSigner(name: string): NoteSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    name,
    publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url'),
    sign: (message) => sign(null, message, privateKey),
  };
}

function ltsOf(alphabet: Alphabet, states: readonly (readonly (readonly [EventId, number])[])[]): Lts {
  return {
    alphabet,
    initial: 0 as StateId,
    stateCount: states.length,
    successors(state: StateId, into: Transitions) {
      into.clear();
      for (const [event, target] of states[state]!) into.push(event, target);
    },
    describe: String,
  };
}
