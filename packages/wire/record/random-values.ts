/** Prints one random value of every message in every version, in the form of the JSON converters of Apache Kafka. Always the same. */
import { apis } from '../src/apis.ts';
import type { Field, FieldTable } from '../src/schema.ts';
import { isInRange } from '../src/version-range.ts';

const random = makeRandom(12345);
// Kafka drops elements of a collection whose keys are equal: a number makes each text unique.
let texts = 0;

for (const api of apis.values()) {
  for (const kind of ['request', 'response'] as const) {
    for (let version = api.minVersion; version <= api.maxVersion; version++) {
      const value = JSON.stringify(randomTable(api[kind].fields, version));
      process.stdout.write(`${[api.name, kind, version, value].join('\t')}\n`);
    }
  }
}

function randomTable(fields: FieldTable, version: number): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    if (!isInRange(field.options.versions, version)) continue;
    if (field.options.tag !== undefined && random() < 0.4) continue;
    value[name] = randomValue(field, version);
  }
  return value;
}

function randomValue(field: Field, version: number): unknown {
  const { nullable } = field.options;
  if (nullable !== undefined && isInRange(nullable, version) && random() < 0.25) return null;
  switch (field.type) {
    case 'boolean':
      return random() < 0.5;
    case 'int8':
      return randomInt(-128, 127);
    case 'int16':
      return randomInt(-32768, 32767);
    case 'int32':
      return randomInt(-(2 ** 31), 2 ** 31 - 1);
    case 'int64':
      // Within what JSON numbers can hold.
      return random() < 0.3 ? randomInt(-3, 3) : randomInt(1 - 2 ** 53, 2 ** 53 - 1);
    case 'uuid':
      return randomBytes(16).toString('base64url');
    case 'string':
      return randomText();
    case 'bytes':
      return randomBytes(random() < 0.1 ? 140 : randomInt(0, 12)).toString('base64');
    case 'array': {
      const length = randomInt(0, 2) + (random() < 0.6 ? 1 : 0);
      return Array.from({ length }, () => randomValue(field.element as Field, version));
    }
    case 'struct':
      return randomTable(field.fields as FieldTable, version);
  }
}

function randomText(): string {
  const kinds = ['', 'name', 'größe-✓', 'x'.repeat(130)];
  const text = kinds[random() < 0.6 ? 1 : randomInt(0, 3)];
  return `${text}${texts++}`;
}

function randomBytes(length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => randomInt(0, 255)));
}

function randomInt(from: number, to: number): number {
  return Math.floor(from + random() * (to - from + 1));
}

/** The mulberry32 generator: numbers from 0 to below 1. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
