import { type Decimal, isDecimal, isStruct, type Schema } from '@tributary/sdk';

/** Hash codes of Java for Connect values, and the 32-bit murmur hash of Debezium. */

export function javaHashCode(value: unknown, schema: Schema | null): number {
  switch (typeof value) {
    case 'string':
      return textHash(value);
    case 'boolean':
      return value ? 1231 : 1237;
    case 'bigint':
      return foldLong(value);
    case 'number':
      return numberHash(value, schema);
    default:
      return value === null || value === undefined ? 0 : objectHash(value, schema);
  }
}

/** Of bytes and text their content, of everything else its hash code. */
export function murmurHash(value: unknown, schema: Schema | null): number {
  if (typeof value === 'string') return murmur(utf8(value));
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(javaHashCode(value, schema));
  return murmur(bytes);
}

function textHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

function foldLong(value: bigint): number {
  const bits = BigInt.asUintN(64, value);
  return Number(BigInt.asIntN(32, bits ^ (bits >> 32n)));
}

function numberHash(value: number, schema: Schema | null): number {
  const bits = new DataView(new ArrayBuffer(8));
  switch (schema?.type) {
    case 'FLOAT32':
      bits.setFloat32(0, value);
      return bits.getInt32(0);
    case 'FLOAT64':
      bits.setFloat64(0, value);
      return bits.getInt32(0) ^ bits.getInt32(4);
    default:
      return value | 0;
  }
}

function objectHash(value: object, schema: Schema | null): number {
  if (value instanceof Date) return foldLong(BigInt(value.getTime()));
  if (value instanceof Uint8Array) {
    // As java.nio.ByteBuffer, which is what Debezium's connectors put into records.
    return value.reduceRight((hash, byte) => (Math.imul(hash, 31) + ((byte << 24) >> 24)) | 0, 1);
  }
  if (isDecimal(value)) return decimalHash(value);
  if (isStruct(value)) {
    // Java mixes in a hash of the schema that is another one in each process.
    const hashes = value.schema.fields.map((field) =>
      javaHashCode(value.at(field.index), field.schema),
    );
    return listHash(hashes);
  }
  if (Array.isArray(value)) {
    const element = schema?.type === 'ARRAY' ? schema.valueSchema : null;
    return listHash(value.map((item) => javaHashCode(item, element)));
  }
  const [keySchema, valueSchema] =
    schema?.type === 'MAP' ? [schema.keySchema, schema.valueSchema] : [null, null];
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return entries.reduce(
    (sum, [key, item]) =>
      (sum + (javaHashCode(key, keySchema) ^ javaHashCode(item, valueSchema))) | 0,
    0,
  );
}

function listHash(hashes: readonly number[]): number {
  return hashes.reduce((hash, item) => (Math.imul(hash, 31) + item) | 0, 1);
}

/** BigDecimal.hashCode: of the digits as BigInteger, and of the scale. */
function decimalHash({ unscaled, scale }: Decimal): number {
  let rest = unscaled < 0n ? -unscaled : unscaled;
  const words: number[] = [];
  for (; rest > 0n; rest >>= 32n) words.push(Number(BigInt.asIntN(32, rest)));
  const size = words.reduceRight((hash, word) => (Math.imul(hash, 31) + word) | 0, 0);
  return (Math.imul(unscaled < 0n ? -size : size, 31) + scale) | 0;
}

/** As Java encodes: half a character becomes a question mark. */
function utf8(text: string): Uint8Array {
  return Buffer.from(text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, '?'));
}

interface State {
  h1: bigint;
  h2: bigint;
  c1: bigint;
  c2: bigint;
}

const long = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint =>
  long((value << bits) | (value >> (64n - bits)));

/** The upper half of an older form of murmur 3 with seed 9001. Source: Debezium `MurmurHash3`. */
function murmur(bytes: Uint8Array): number {
  const state: State = {
    h1: 0x9368e53c2f6af274n ^ 9001n,
    h2: 0x586dcd208f7cd3fdn ^ 9001n,
    c1: 0x87c37b91114253d5n,
    c2: 0x4cf5ad432745937fn,
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tail = bytes.length & ~15;
  for (let at = 0; at < tail; at += 16) {
    mixBlock(state, view.getBigUint64(at, true), view.getBigUint64(at + 8, true));
  }
  if (tail < bytes.length) {
    mixBlock(state, signedBytes(bytes, tail, 8), signedBytes(bytes, tail + 8, 7));
  }
  state.h2 ^= BigInt(bytes.length);
  state.h1 = long(state.h1 + state.h2);
  state.h2 = long(state.h2 + state.h1);
  const sum = long(mixEnd(state.h1) + mixEnd(state.h2));
  return Number(BigInt.asIntN(32, sum >> 32n));
}

function mixBlock(state: State, first: bigint, second: bigint): void {
  const k1 = long(rotate(long(first * state.c1), 23n) * state.c2);
  state.h1 = long((state.h1 ^ k1) + state.h2);
  state.h2 = rotate(state.h2, 41n);
  const k2 = long(rotate(long(second * state.c2), 23n) * state.c1);
  state.h2 = long((state.h2 ^ k2) + state.h1);
  state.h1 = long(state.h1 * 3n + 0x52dce729n);
  state.h2 = long(state.h2 * 3n + 0x38495ab5n);
  state.c1 = long(state.c1 * 5n + 0x7b7d159cn);
  state.c2 = long(state.c2 * 5n + 0x6bce6396n);
}

/** Up to `count` bytes, lowest first; the sign of each reaches up to the top. */
function signedBytes(bytes: Uint8Array, from: number, count: number): bigint {
  let word = 0n;
  for (let i = 0; i < count && from + i < bytes.length; i++) {
    const byte = ((bytes[from + i] as number) << 24) >> 24;
    word ^= long(BigInt(byte) << BigInt(8 * i));
  }
  return word;
}

function mixEnd(value: bigint): bigint {
  let mixed = value ^ (value >> 33n);
  mixed = long(mixed * 0xff51afd7ed558ccdn);
  mixed ^= mixed >> 33n;
  mixed = long(mixed * 0xc4ceb9fe1a85ec53n);
  return mixed ^ (mixed >> 33n);
}
