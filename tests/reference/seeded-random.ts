/** Numbers that look random and come again with the seed. */
export type Random = (below: number) => number;

/** xorshift32, of period 2^32 - 1. Marsaglia, Xorshift RNGs, Journal of Statistical Software 8(14), 2003. */
export function seededRandom(seed: number): Random {
  // Spread small seeds over the whole word; zero is the one state that must not occur.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}
