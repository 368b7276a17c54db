/**
 * A client that is connected by a WebSocket. A class, because there may be ten thousand: functions made for each would be half a kilobyte more.
 */
import type { Duplex } from 'node:stream';
import type { Stream } from '@enhanced-csp/platform';
import type { WebSocket } from 'ws';
import type { Gateway } from './gateway.ts';
import type { Client } from './subscriber.ts';

export class ConnectedClient implements Client {
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #address: string;
  readonly #gateway: Pick<Gateway, 'admit' | 'listen' | 'publish'>;
  /** Made with the first publication: most clients only listen. */
  #gone: AbortController | undefined;

  constructor(
    socket: WebSocket,
    wire: Duplex,
    address: string,
    gateway: Pick<Gateway, 'admit' | 'listen' | 'publish'>,
  ) {
    this.#socket = socket;
    this.#wire = wire;
    this.#address = address;
    this.#gateway = gateway;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string, sent: () => void): void {
    this.#socket.send(text, sent);
  }

  /** Frames of a server are neither masked nor, here, compressed: the same bytes for everyone. */
  sendFrame(frame: Buffer, sent: () => void): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#wire.write(frame, sent);
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  admit(): void {
    this.#gateway.admit(this.#address);
  }

  listen(stream: Stream, topic: string, parameters: Readonly<Record<string, string>>): void {
    this.#gateway.listen?.(stream, topic, parameters, this.#address);
  }

  publish(stream: Stream, parameters: Readonly<Record<string, string>>, data: unknown): Promise<unknown> {
    this.#gone ??= new AbortController();
    return this.#gateway.publish(stream, parameters, data, this.#address, this.#gone.signal);
  }

  /** Aborts what it publishes. */
  end(): void {
    this.#gone?.abort();
  }
}
