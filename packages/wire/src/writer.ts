import { WireError } from './wire-error.ts';

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** From here on copying bytes costs more than handing one more part to the socket. */
const largeBytes = 16 * 1024;

/**
 * Writes Kafka's primitives into a buffer that grows. A value that does not fit its type throws a WireError; nothing is cut silently.
 * A writer made with `keepsLargeBytes` does not copy large byte fields (record batches): `finishParts` hands them out as they were given.
 */
export class Writer {
  private buffer: Buffer;
  /** Where the next byte goes in `buffer`, and where the part begins that is being written. */
  private at = 0;
  private start = 0;
  private parts: Buffer[] = [];
  private partsLength = 0;
  private readonly keepsLargeBytes: boolean;

  constructor(initialSize = 256, keepsLargeBytes = false) {
    this.buffer = Buffer.allocUnsafe(Math.max(initialSize, 16));
    this.keepsLargeBytes = keepsLargeBytes;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.partsLength + this.at - this.start;
  }

  /** What was written: a view that stays valid until the next write after `reset`. */
  finish(): Buffer {
    if (this.parts.length > 0) return Buffer.concat(this.finishParts());
    return this.buffer.subarray(0, this.at);
  }

  /** What was written, in order; large byte fields are the buffers that were given. */
  finishParts(): Buffer[] {
    if (this.at === this.start) return [...this.parts];
    return [...this.parts, this.buffer.subarray(this.start, this.at)];
  }

  /** Starts again at the front of the same buffer: earlier views from `finish` are overwritten. */
  reset(): void {
    this.at = 0;
    this.start = 0;
    this.parts = [];
    this.partsLength = 0;
  }

  int8(value: number): void {
    if ((value << 24) >> 24 !== value) throw misfit('int8', value);
    this.byte(value);
  }

  boolean(value: boolean): void {
    if (typeof value !== 'boolean') throw misfit('boolean', value);
    this.byte(value ? 1 : 0);
  }

  int16(value: number): void {
    if ((value << 16) >> 16 !== value) throw misfit('int16', value);
    const at = this.grow(2);
    this.buffer.writeInt16BE(value, at);
  }

  uint16(value: number): void {
    if ((value & 0xffff) !== value) throw misfit('uint16', value);
    const at = this.grow(2);
    this.buffer.writeUInt16BE(value, at);
  }

  int32(value: number): void {
    if ((value | 0) !== value) throw misfit('int32', value);
    const at = this.grow(4);
    this.buffer.writeInt32BE(value, at);
  }

  uint32(value: number): void {
    if (value >>> 0 !== value) throw misfit('uint32', value);
    const at = this.grow(4);
    this.buffer.writeUInt32BE(value, at);
  }

  int64(value: bigint): void {
    if (typeof value !== 'bigint' || value < minInt64 || value > maxInt64) {
      throw misfit('int64', value);
    }
    const at = this.grow(8);
    this.buffer.writeBigInt64BE(value, at);
  }

  float64(value: number): void {
    if (typeof value !== 'number') throw misfit('float64', value);
    const at = this.grow(8);
    this.buffer.writeDoubleBE(value, at);
  }

  /** Kafka's text form: base64url of the 16 bytes, without padding. */
  uuid(value: string): void {
    if (typeof value !== 'string' || !/^[A-Za-z0-9_-]{21}[AQgw]$/.test(value)) {
      throw misfit('uuid', value);
    }
    const at = this.grow(16);
    this.buffer.write(value, at, 'base64url');
  }

  unsignedVarint(value: number): void {
    if (value >>> 0 !== value) throw misfit('unsigned varint', value);
    let at = this.grow(varintSize(value));
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[at] = rest;
  }

  /** Zigzag, 32 bits. */
  varint(value: number): void {
    if ((value | 0) !== value) throw misfit('varint', value);
    this.unsignedVarint(((value << 1) ^ (value >> 31)) >>> 0);
  }

  /** Zigzag, 64 bits. */
  varlong(value: bigint): void {
    if (typeof value !== 'bigint' || value < minInt64 || value > maxInt64) {
      throw misfit('varlong', value);
    }
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    for (; rest > 0x7fn; rest >>= 7n) this.byte(Number(rest & 0x7fn) | 0x80);
    this.byte(Number(rest));
  }

  string(value: string): void {
    const size = textSize(value);
    if (size > 0x7fff) throw new WireError(`a string of ${size} bytes is longer than 32767`);
    this.int16(size);
    this.text(value, size);
  }

  nullableString(value: string | null): void {
    if (value === null) this.int16(-1);
    else this.string(value);
  }

  compactString(value: string): void {
    const size = textSize(value);
    this.unsignedVarint(size + 1);
    this.text(value, size);
  }

  compactNullableString(value: string | null): void {
    if (value === null) this.unsignedVarint(0);
    else this.compactString(value);
  }

  bytes(value: Uint8Array): void {
    this.int32(byteSize(value));
    this.raw(value);
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.int32(-1);
    else this.bytes(value);
  }

  compactBytes(value: Uint8Array): void {
    this.unsignedVarint(byteSize(value) + 1);
    this.raw(value);
  }

  compactNullableBytes(value: Uint8Array | null): void {
    if (value === null) this.unsignedVarint(0);
    else this.compactBytes(value);
  }

  /** -1 for a null array. */
  arrayLength(count: number): void {
    this.int32(count);
  }

  compactArrayLength(count: number): void {
    this.unsignedVarint(count + 1);
  }

  emptyTaggedFields(): void {
    this.byte(0);
  }

  /** The bytes alone, without a length. */
  raw(value: Uint8Array): void {
    if (this.keepsLargeBytes && value.length >= largeBytes) {
      this.keep(value);
      return;
    }
    const at = this.grow(value.length);
    this.buffer.set(value, at);
  }

  /** Overwrites the first four bytes, for a length known only at the end. */
  setLengthPrefix(value: number): void {
    (this.parts[0] ?? this.buffer).writeInt32BE(value, 0);
  }

  private keep(value: Uint8Array): void {
    const before = this.buffer.subarray(this.start, this.at);
    this.parts.push(before, Buffer.from(value.buffer, value.byteOffset, value.length));
    this.partsLength += before.length + value.length;
    this.start = this.at;
  }

  private byte(value: number): void {
    // Growing replaces the buffer, so it comes first.
    const at = this.grow(1);
    this.buffer[at] = value;
  }

  private text(value: string, size: number): void {
    const at = this.grow(size);
    if (size > 0) this.buffer.write(value, at, size, 'utf8');
  }

  /** Makes room and returns where it begins; `buffer` may be another one afterwards. */
  private grow(size: number): number {
    if (this.at + size > this.buffer.length) {
      const used = this.at - this.start;
      const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, used + size + 64));
      this.buffer.copy(larger, 0, this.start, this.at);
      this.buffer = larger;
      this.start = 0;
      this.at = used;
    }
    const at = this.at;
    this.at = at + size;
    return at;
  }
}

export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

function textSize(value: string): number {
  if (typeof value !== 'string') throw misfit('string', value);
  return Buffer.byteLength(value);
}

function byteSize(value: Uint8Array): number {
  if (!(value instanceof Uint8Array)) throw misfit('bytes', value);
  return value.length;
}

function misfit(type: string, value: unknown): WireError {
  // Text may be a secret (a password in SaslAuthenticate is bytes, but be safe): only numbers are shown.
  const shown =
    typeof value === 'number' || typeof value === 'bigint' ? String(value) : describe(value);
  return new WireError(`${shown} is not a valid ${type}`);
}

function describe(value: unknown): string {
  return value === null ? 'null' : value === undefined ? 'a missing value' : `a ${typeof value}`;
}
