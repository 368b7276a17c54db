/**
 * Identifiers: a prefix that says what is named, and a ULID (https://github.com/ulid/spec): 48 bits of time in milliseconds, 80 bits of chance,
 * in Crockford's base 32. They sort by time of creation, also within one millisecond of one process.
 */
import type { Clock, Random } from './capabilities.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHANCE_MAX = (1n << 80n) - 1n;

/**
 * ```ts
 * const random = randomFrom((count) => crypto.getRandomValues(new Uint8Array(count)), clock);
 * random.id('proc');                                  // proc_01HZX3K5V8Q2D4M6N8P0R2T4W6
 * ```
 */
export function randomFrom(bytes: (count: number) => Uint8Array, clock: Pick<Clock, 'now'>): Random {
  let time = -1;
  let chance = 0n;
  return {
    bytes,
    id(prefix) {
      const now = clock.now();
      if (now > time || chance === CHANCE_MAX) {
        time = Math.max(now, time + 1);
        chance = bytes(10).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
      } else {
        // The same millisecond, or a clock that was set back: count on, so that the order holds.
        chance += 1n;
      }
      return `${prefix}_${ulid(time, chance)}`;
    },
  };
}

function ulid(time: number, chance: bigint): string {
  let value = (BigInt(time) << 80n) | chance;
  let text = '';
  for (let digit = 0; digit < 26; digit++) {
    text = CROCKFORD[Number(value & 31n)] + text;
    value >>= 5n;
  }
  return text;
}
