import { expect, test } from 'vitest';
import * as ws from 'ws';
import { textFrame } from './text-frame.ts';

/** Exported by ws, and not by its types. */
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => NodeJS.WritableStream };

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('%i letters, read by the receiver of ws', (length) => {
  const text = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1);
  const receiver = new Receiver({ isServer: false });
  const read: string[] = [];
  receiver.on('message', (data: Buffer, binary: boolean) => read.push(`${binary} ${data}`));
  receiver.write(Buffer.concat([textFrame(text), textFrame('next')]));
  expect(read).toEqual([`false ${text}`, 'false next']);
});

test('the examples of the RFC, section 5.7', () => {
  expect([...textFrame('Hello')]).toEqual([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
});
