import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** Numbers from 0 up to 1; the same seed gives the same ones. */
export type Random = () => number;

export function randomOf(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** From `min` to `max`, both included. */
export function between(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

export function oneOf<T>(random: Random, choices: readonly T[]): T {
  const chosen = choices[Math.floor(random() * choices.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}

/** Everything random in this process comes from `random` until the returned function is called. */
export function replaceRandomness(random: Random): () => void {
  const { randomUUID, randomBytes } = crypto;
  const { random: mathRandom } = Math;
  const bytes = (size: number): Buffer =>
    Buffer.from(Array.from({ length: size }, () => between(random, 0, 255)));
  Math.random = random;
  crypto.randomBytes = bytes as typeof randomBytes;
  crypto.randomUUID = () => {
    const hex = bytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  syncBuiltinESMExports();
  return () => {
    Math.random = mathRandom;
    crypto.randomBytes = randomBytes;
    crypto.randomUUID = randomUUID;
    syncBuiltinESMExports();
  };
}
