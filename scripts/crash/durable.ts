/** Durable processes under `kill -9`: everything that was answered is there once, and had its effects once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { auditFile } from '@enhanced-csp/engine';
import { LogWriter, logFile } from '@enhanced-csp/engine/audit';
import type { Entry } from '@enhanced-csp/engine/durable';
import type { Store } from '@enhanced-csp/platform';
import { JOURNAL_COLLECTIONS } from '@enhanced-csp/storage';
import { AUDIT, BOOKINGS, JOURNAL } from './durable-bank.ts';
import type { Findings } from './evidence.ts';
import { type Place, storeOf } from './places.ts';

const PROGRAM = new URL('./durable-program.ts', import.meta.url).pathname;
/** Deposits under way at once. */
const WINDOW = 500;
const START_MS_MAX = 60_000;

/** What the processes have told. */
export interface Told {
  readonly answered: Set<string>;
  /** By key of the effect. */
  readonly effects: Map<string, string>;
  /** Effects told again with a key that was told before: once, for whoever honors keys. */
  repeated: number;
  /** Deposits that were sent again and had been kept the first time. */
  seen: number;
}

interface Bank {
  deposit(id: string): void;
  /** SIGKILL; resolves when it is gone and all it said is heard. */
  kill(): Promise<void>;
  /** Lets it finish, and resolves with its exit status. */
  drain(count: number): Promise<number | null>;
}

export async function killDurable(
  place: Place,
  options: {
    readonly kills: number;
    readonly deadline: number;
    readonly lifeMs: () => number;
    readonly findings: Findings;
    progress(kills: number, acknowledged: number): void;
  },
): Promise<{ readonly kills: number; readonly told: Told }> {
  const { findings } = options;
  const told: Told = { answered: new Set(), effects: new Map(), repeated: 0, seen: 0 };
  const unanswered = new Set<string>();
  let made = 0;
  let kills = 0;
  while (kills < options.kills && performance.now() < options.deadline) {
    const bank = await start(place, told, findings, (id) => {
      unanswered.delete(id);
      fill();
    });
    let alive = true;
    const fill = (): void => {
      while (alive && unanswered.size < WINDOW) {
        const id = `d${++made}`;
        unanswered.add(id);
        bank.deposit(id);
      }
    };
    for (const id of unanswered) bank.deposit(id); // Again, with the same key.
    fill();
    await pause(options.lifeMs());
    alive = false;
    await bank.kill();
    options.progress(++kills, told.answered.size);
  }
  const last = await start(place, told, findings, (id) => unanswered.delete(id));
  for (const id of unanswered) last.deposit(id);
  const status = await last.drain(made);
  if (status !== 0) findings.wrong.push(`the last bank ended with status ${status}`);
  await examine(place, told, findings, made);
  // A checker that cannot find a loss, or a second effect, says nothing.
  const planted: Findings = { lost: [], doubled: [], wrong: [] };
  const [first] = told.effects.values() as IterableIterator<string>;
  const wronged: Told = {
    ...told,
    answered: new Set([...told.answered, 'never sent']),
    effects: new Map([...told.effects, ['another key', first as string]]),
  };
  await examine(place, wronged, planted, made);
  if (planted.lost.length !== 2 || planted.doubled.length !== 1)
    findings.wrong.push(`the checker did not find what was planted: ${JSON.stringify(planted)}`);
  return { kills, told };
}

function start(place: Place, told: Told, findings: Findings, answered: (id: string) => void): Promise<Bank> {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, place.database], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr!.on('data', (text) => void (complaints += text));
  child.stdin!.on('error', () => {}); // It is killed while it is written to.
  const lines = createInterface({ input: child.stdout! });
  const heard = new Promise<void>((resolve) => lines.once('close', resolve));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)));
  const write = (line: string): void => void child.stdin!.write(`${line}\n`);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the bank did not start in time: ${complaints}`)), START_MS_MAX);
    child.once('exit', (status, signal) => {
      clearTimeout(late);
      reject(new Error(`the bank ended with ${status ?? signal} before it was ready: ${complaints}`));
      if (complaints !== '') findings.wrong.push(`the bank complained: ${complaints}`);
    });
    lines.on('line', (line) => {
      const [word, first = '', second = ''] = line.split(' ');
      if (word === 'ready') {
        clearTimeout(late);
        resolve({
          deposit: (id) => write(`deposit ${id}`),
          async kill() {
            child.kill('SIGKILL');
            await Promise.all([exited, heard]);
          },
          async drain(count) {
            write(`drain ${count}`);
            const status = await exited;
            await heard;
            return status;
          },
        });
      } else if (word === 'answered') {
        told.answered.add(first);
        if (second === 'seen') told.seen++;
        answered(first);
      } else if (word === 'effect') {
        const before = told.effects.get(first);
        if (before === undefined) told.effects.set(first, second);
        else if (before === second) told.repeated++;
        else findings.wrong.push(`effect ${first} was for ${before}, and then for ${second}`);
      } else if (word === 'broken') findings.wrong.push(line);
    });
  });
}

/** The journal, the bookings and the effects, against what was answered. */
async function examine(place: Place, told: Told, findings: Findings, made: number): Promise<void> {
  const { store, close } = await storeOf(place, JOURNAL_COLLECTIONS);
  try {
    const kept = once(await depositsIn(store), 'in the journal', findings);
    const booked = once((await texts(store, BOOKINGS)).map(String), 'booked', findings);
    const done = once([...told.effects.values()], 'an effect', findings);
    for (const id of told.answered) {
      if (!kept.has(id)) findings.lost.push(`${id} was answered and is not in the journal`);
      if (!booked.has(id)) findings.lost.push(`${id} was answered and is not booked`);
    }
    if (done.size !== booked.size || booked.size !== made)
      findings.wrong.push(`${made} deposits, ${booked.size} bookings, ${done.size} effects`);
    if (told.answered.size > 100 && (await refusalsIn(store)) === 0) findings.wrong.push('nothing was refused');
    const report = auditFile(await exported(store), { sha256 });
    if (!report.passed || report.conformance.kind !== 'conforms')
      findings.wrong.push(`the audit does not pass: ${JSON.stringify(report).slice(0, 400)}`);
  } finally {
    await close();
  }
}

function once(ids: readonly string[], what: string, findings: Findings): Set<string> {
  const found = new Set<string>();
  for (const id of ids) {
    if (found.has(id)) findings.doubled.push(`${id} is ${what} twice`);
    found.add(id);
  }
  return found;
}

async function depositsIn(store: Store): Promise<string[]> {
  const entries = (await texts(store, `journal.${JOURNAL}`)).map((text) => JSON.parse(text) as Entry);
  return entries.flatMap((entry) =>
    (entry.kind === 'buffered' || entry.kind === 'communicated') && entry.channel === 'deposits'
      ? [String(entry.value)]
      : [],
  );
}

async function refusalsIn(store: Store): Promise<number> {
  const entries = (await texts(store, `journal.${JOURNAL}`)).map((text) => JSON.parse(text) as Entry);
  return entries.filter((entry) => entry.kind === 'refused' && entry.event === 'close.teller').length;
}

async function exported(store: Store): Promise<Uint8Array> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const log = new LogWriter({ id: AUDIT.id, sha256 });
  const leaves = (await texts(store, AUDIT.id)).map((text) => new TextEncoder().encode(text));
  for (const leaf of leaves) log.resume(leaf);
  const checkpoint = log.checkpoint({
    name: 'crash',
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    sign: (bytes) => sign(null, bytes, privateKey),
  });
  return logFile(leaves, checkpoint, sha256);
}

async function texts(store: Store, stream: string): Promise<string[]> {
  const found: string[] = [];
  const decoder = new TextDecoder();
  for (let from = 0; ; from += 5000) {
    const slice = await store.read(stream, { from, limit: 5000 });
    for (const bytes of slice) found.push(decoder.decode(bytes));
    if (slice.length < 5000) return found;
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
