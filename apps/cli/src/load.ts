/**
 * Requests in a closed loop: each connection sends when the answer before has come. Through `node:http`: a request cost 97 us of processor time, and 350
 * us through `fetch` (64 connections, Node 24). A client that is the limit measures itself.
 */
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** An answer that is no success. */
export interface Refusal {
  readonly status: number;
  /** `CSP-STO-004`; empty when something between answered. */
  readonly code: string;
  readonly title: string;
  count: number;
}

export interface Load {
  /** Answered with success. */
  accepted: number;
  /** How many by their status. */
  readonly answers: Map<number, number>;
  /** Of what was accepted, in microseconds. */
  readonly latency: RecordableHistogram;
  /** By status and code. */
  readonly refusals: Map<string, Refusal>;
  /** Requests without an answer; whether they were done is not known. Each ends its connection. */
  readonly broken: string[];
  /** From the first request to the last answer. */
  milliseconds: number;
}

const PATIENCE_MS = 30_000;
const ONE_HOUR_US = 3_600_000_000;

export function latencyHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: ONE_HOUR_US, figures: 3 });
}

/** POSTs JSON to `url` until there are `messages`, `seconds` are over, or `signal` says so; answers to what is on its way are waited for. */
export async function load(
  url: URL,
  options: {
    readonly connections: number;
    readonly seconds: number;
    readonly messages?: number | undefined;
    readonly signal: AbortSignal;
    /** Of message `number`, from 0. Called when it is sent. */
    body(number: number): Buffer;
    /** Called after each answer. */
    answered(so_far: Load): void;
  },
): Promise<Load> {
  const { connections, seconds, messages = Number.POSITIVE_INFINITY, signal, body } = options;
  const [request, agent] =
    url.protocol === 'https:'
      ? [requestHttps, new HttpsAgent({ keepAlive: true, maxSockets: connections })]
      : [requestHttp, new HttpAgent({ keepAlive: true, maxSockets: connections })];
  const result: Load = {
    accepted: 0,
    answers: new Map(),
    latency: latencyHistogram(),
    refusals: new Map(),
    broken: [],
    milliseconds: 0,
  };
  const begun = performance.now();
  const until = begun + seconds * 1000;
  let sent = 0;

  const target = {
    agent,
    method: 'POST',
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: url.pathname,
  };

  function post(content: Buffer): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': content.length };
      const sending = request({ ...target, headers, timeout: PATIENCE_MS }, (answer) => {
        const { statusCode: status = 0 } = answer;
        answer.once('error', reject);
        if (isSuccess(status)) {
          answer.resume();
          answer.once('end', () => resolve({ status, text: '' }));
          return;
        }
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.once('end', () => resolve({ status, text }));
      });
      sending.once('timeout', () => sending.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
      sending.once('error', reject);
      sending.end(content);
    });
  }

  async function sendAll(): Promise<void> {
    while (sent < messages && performance.now() < until && !signal.aborted) {
      const content = body(sent++);
      const from = performance.now();
      let answer: Awaited<ReturnType<typeof post>>;
      try {
        answer = await post(content);
      } catch (error) {
        result.broken.push((error as Error).message);
        return;
      }
      const now = performance.now();
      result.answers.set(answer.status, 1 + (result.answers.get(answer.status) ?? 0));
      if (isSuccess(answer.status)) {
        result.accepted += 1;
        result.latency.record(Math.max(1, Math.round((now - from) * 1000)));
      } else refused(result.refusals, answer.status, answer.text);
      result.milliseconds = now - begun;
      options.answered(result);
    }
  }

  await Promise.all(Array.from({ length: Math.min(connections, messages) }, sendAll));
  agent.destroy();
  return result;
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function refused(refusals: Load['refusals'], status: number, text: string): void {
  let document: { code?: unknown; title?: unknown } = {};
  try {
    document = JSON.parse(text) ?? {};
  } catch {
    // What stands between answers in its own words.
  }
  const { code = '', title = '' } = document;
  const key = `${status} ${code}`;
  const known = refusals.get(key);
  if (known === undefined) refusals.set(key, { status, code: String(code), title: String(title), count: 1 });
  else known.count += 1;
}
