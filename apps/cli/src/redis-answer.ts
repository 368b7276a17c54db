/** Whether a Redis answers: one PING in its protocol (RESP), so that a diagnosis needs no client. */
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

const PATIENCE_MS = 3000;

/** What it says, in words. Rejects when nobody answers, or when what answers is no Redis. */
export function redisAnswer(url: string): Promise<string> {
  const { hostname, port, protocol } = new URL(url);
  const target = { host: hostname || '127.0.0.1', port: Number(port) || 6379 };
  const at = `${target.host}:${target.port}`;
  return new Promise((resolve, reject) => {
    const socket = protocol === 'rediss:' ? connectTls({ ...target, servername: hostname }) : connect(target);
    let said = '';
    const end = (done: () => void) => {
      socket.destroy();
      done();
    };
    socket.setTimeout(PATIENCE_MS, () =>
      end(() => reject(new Error(`${at} does not answer within ${PATIENCE_MS / 1000} s`))),
    );
    socket.on('error', ({ message }) => end(() => reject(new Error(`${at}: ${message}`))));
    socket.on('close', () => reject(new Error(`${at} hangs up: it is no Redis`)));
    socket.on('data', (bytes) => {
      said += bytes.toString('latin1');
      if (!said.includes('\r\n')) return;
      if (said.startsWith('+PONG')) end(() => resolve(`${at} answers`));
      else if (said.startsWith('-NOAUTH')) end(() => resolve(`${at} answers, and asks for a password`));
      else end(() => reject(new Error(`${at} is no Redis`)));
    });
    socket.write('PING\r\n');
  });
}
