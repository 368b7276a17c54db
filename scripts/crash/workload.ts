/** Clients that talk until the server dies under them, and remember exactly what was acknowledged. */

export interface Attempt {
  readonly conversation_id: string;
  readonly sequence: number;
  readonly kind: 'event' | 'refusal';
  readonly event: string;
  /** Unique among all attempts. */
  readonly nonce: string;
}

export interface Sent {
  readonly sequence: number;
  /** Unique among all events sent. */
  readonly type: string;
}

export interface Received {
  readonly sequence: number;
  readonly sent: number;
  readonly type: string;
}

/** What the server has promised. In order of the answers, for each client. */
export interface Acknowledged {
  readonly attempts: Attempt[];
  readonly sent: Sent[];
  readonly received: Received[];
}

/** Two sides in turn, for ever: every accepted event is followed by one more. */
export const PROTOCOL = `--@ conversation PING roles left, right
datatype Role = left | right
channel ping : Role.Role
PING = ping.left.right -> ping.right.left -> PING
`;

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a JSON document of the server
  readonly body: any;
}

export async function request(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${url}/api${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  return { status: response.status, body: await response.json() };
}

let lastNonce = 0;
const newNonce = (): string => `n${++lastNonce}`;

/** Performs the event that is due, and now and then one that is not, until a request fails. */
export async function converse(url: string, conversation_id: string, acknowledged: Acknowledged): Promise<void> {
  const path = `/conversations/${conversation_id}`;
  let { expected } = (await request(url, 'GET', path)).body as { expected: { event: string; role: string }[] };
  for (;;) {
    const [due] = expected as [{ event: string; role: string }];
    const rogue = lastNonce % 7 === 3;
    const role = rogue ? (due.role === 'left' ? 'right' : 'left') : due.role;
    const nonce = newNonce();
    const { status, body } = await request(url, 'POST', `${path}/events`, { role, event: due.event, payload: nonce });
    const refused = rogue && body.code === 'CSP-CNV-006';
    if (status !== 201 && !refused) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    const { sequence } = body;
    acknowledged.attempts.push({
      conversation_id,
      sequence,
      kind: refused ? 'refusal' : 'event',
      event: due.event,
      nonce,
    });
    if (!refused) expected = body.expected;
  }
}

export async function sendAll(url: string, channel_id: string, acknowledged: Acknowledged): Promise<void> {
  for (;;) {
    const type = newNonce();
    const { status, body } = await request(url, 'POST', `/channels/${channel_id}/send`, {
      event: { type, data: type },
    });
    if (status === 429) await new Promise((resolve) => setTimeout(resolve, 5));
    else if (status !== 200) throw new Error(`send: ${status} ${JSON.stringify(body)}`);
    else acknowledged.sent.push({ sequence: body.sequence, type });
  }
}

export async function receiveAll(url: string, channel_id: string, acknowledged: Acknowledged): Promise<void> {
  for (;;) {
    const { status, body } = await request(url, 'POST', `/channels/${channel_id}/receive`, { timeout: 0.2 });
    if (body.code === 'CSP-CNV-012') continue;
    if (status !== 200) throw new Error(`receive: ${status} ${JSON.stringify(body)}`);
    if (body.event.type !== body.event.data) throw new Error(`receive: ${JSON.stringify(body)} is not what was sent`);
    acknowledged.received.push({ sequence: body.sequence, sent: body.sent, type: body.event.type });
  }
}
