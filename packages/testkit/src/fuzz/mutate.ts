import type { Random } from './random.ts';

const maxLength = 4096;

/**
 * A text near `input`: some of its parts changed, moved, doubled, left out, or taken from `other`.
 * `words` are pieces that mean something to whoever reads the text.
 */
export function mutate(
  input: string,
  other: string,
  words: readonly string[],
  random: Random,
): string {
  let text = input;
  for (let rounds = 1 + random.below(4); rounds > 0; rounds--) {
    text = random.pick(mutations)(text, other, words, random);
  }
  return text.slice(0, maxLength);
}

type Mutation = (text: string, other: string, words: readonly string[], random: Random) => string;

const mutations: readonly Mutation[] = [
  (text, _other, words, random) => replacePart(text, random.pick(words), 0, random),
  (text, _other, words, random) => replacePart(text, random.pick(words), 4, random),
  (text, other, _words, random) => replacePart(text, partOf(other, 64, random), 0, random),
  (text, other, _words, random) => replacePart(text, partOf(other, 64, random), 64, random),
  (text, _other, _words, random) => replacePart(text, partOf(text, 32, random), 0, random),
  (text, _other, _words, random) => replacePart(text, '', 1 + random.below(32), random),
  (text, _other, _words, random) => replacePart(text, anyChar(random), random.below(2), random),
  repeatPart,
  changeDigits,
  swapParts,
];

/** Up to `most` characters somewhere make room for `replacement`. */
function replacePart(text: string, replacement: string, most: number, random: Random): string {
  const from = random.below(text.length + 1);
  return text.slice(0, from) + replacement + text.slice(from + random.below(most + 1));
}

/** What grows faster than its input shows itself in repeated parts. */
function repeatPart(
  text: string,
  _other: string,
  words: readonly string[],
  random: Random,
): string {
  const part = random.below(2) === 0 ? random.pick(words) : partOf(text, 8, random);
  return replacePart(text, part.repeat(1 << random.below(10)), 0, random);
}

function changeDigits(
  text: string,
  _other: string,
  _words: readonly string[],
  random: Random,
): string {
  const number = random.pick(numbers);
  const places = [...text.matchAll(/\d+/g)];
  if (places.length === 0) return replacePart(text, number, 0, random);
  const place = random.pick(places);
  return text.slice(0, place.index) + number + text.slice(place.index + place[0].length);
}

function swapParts(
  text: string,
  _other: string,
  _words: readonly string[],
  random: Random,
): string {
  const [a = 0, b = 0, c = 0] = [0, 0, 0]
    .map(() => random.below(text.length + 1))
    .sort((x, y) => x - y);
  return text.slice(0, a) + text.slice(b, c) + text.slice(a, b) + text.slice(c);
}

function partOf(text: string, most: number, random: Random): string {
  const from = random.below(text.length + 1);
  return text.slice(from, from + random.below(most + 1));
}

/** Mostly ASCII. Below 256: inputs may stand for bytes. */
function anyChar(random: Random): string {
  return String.fromCharCode(random.below(random.below(3) === 0 ? 256 : 128));
}

const numbers: readonly string[] = [
  '0',
  '-1',
  '00',
  '127',
  '128',
  '32768',
  '2147483647',
  '2147483648',
  '-2147483648',
  '4294967296',
  '9007199254740993',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '1e400',
  '1E-400',
  '1e999999999',
  '-1e-2147483648',
  '0.1',
  '1.50',
  '3.4028236e38',
  '-0.0',
  '8640000000000001',
  '99999999999999999999999999999999999999999',
];
