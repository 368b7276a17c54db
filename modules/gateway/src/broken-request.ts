/** Bytes that are no HTTP request: answered with a problem document like everything else, and the connection ends. */
import type { Duplex } from 'node:stream';
import { type ErrorTable, Fault } from '@enhanced-csp/platform';
import { problemOf } from './problem.ts';
import { answerSocket } from './socket-answer.ts';

/** Node's codes for what it could not read (https://nodejs.org/api/http.html#event-clienterror). */
const KNOWN: Readonly<Record<string, { readonly status: number; readonly detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request was not complete in time.' },
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The header is larger than 16 KiB.' },
};

export function answerBroken(
  error: { readonly code?: string; readonly message: string },
  socket: Duplex,
  errors: ErrorTable,
  id: string,
): void {
  // A connection that was reset has nobody to answer to.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, detail } = KNOWN[error.code ?? ''] ?? {
    status: 400,
    detail: `It cannot be read: ${error.message}.`,
  };
  answerSocket(socket, { ...problemOf(new Fault('CSP-GTW-016', 'invalid', detail), errors, '/', id), status });
}
