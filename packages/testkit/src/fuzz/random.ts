/** A repeatable stream of numbers: the same seed, the same numbers. */
export interface Random {
  /** From 0 up to, but without, `end`. */
  below(end: number): number;
  pick<T>(items: readonly T[]): T;
}

/** Source: the 32-bit generator `mulberry32` by Tommy Ettinger, public domain. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const below = (end: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * end);
  };
  return { below, pick: (items) => items[below(items.length)] as (typeof items)[number] };
}
