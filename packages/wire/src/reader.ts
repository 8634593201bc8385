import { WireError } from './wire-error.ts';

/**
 * Reads Kafka's primitives from a buffer, front to back. Never reads at or beyond `end`; every length is checked against what is left
 * before anything is allocated. Bytes are returned as slices of the buffer, not copies.
 */
export class Reader {
  readonly buffer: Buffer;
  readonly end: number;
  offset: number;

  constructor(buffer: Buffer, offset = 0, end: number = buffer.length) {
    if (offset < 0 || end > buffer.length || offset > end) {
      throw new WireError(
        `cannot read bytes ${offset} to ${end} of a buffer of ${buffer.length} bytes`,
      );
    }
    this.buffer = buffer;
    this.offset = offset;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1, 'int8'));
  }

  boolean(): boolean {
    return this.buffer[this.take(1, 'boolean')] !== 0;
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2, 'int16'));
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.take(2, 'uint16'));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4, 'int32'));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4, 'uint32'));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.take(8, 'int64'));
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.take(8, 'float64'));
  }

  /** Kafka's text form: base64url of the 16 bytes, without padding. */
  uuid(): string {
    const start = this.take(16, 'uuid');
    return this.buffer.toString('base64url', start, start + 16);
  }

  /** At most five bytes, value below 2^32. */
  unsignedVarint(): number {
    const start = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer[this.take(1, 'unsigned varint')] as number;
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new WireError(`the unsigned varint at byte ${start} does not fit 32 bits`);
  }

  /** Zigzag, 32 bits. */
  varint(): number {
    const value = this.unsignedVarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Zigzag, 64 bits, at most ten bytes. */
  varlong(): bigint {
    const start = this.offset;
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.buffer[this.take(1, 'varlong')] as number;
      if (shift === 63n && byte > 1) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
    throw new WireError(`the varlong at byte ${start} does not fit 64 bits`);
  }

  string(): string {
    return this.text(this.present(this.int16(), 'string'));
  }

  nullableString(): string | null {
    const length = this.int16();
    return length === -1 ? null : this.text(this.present(length, 'string'));
  }

  compactString(): string {
    return this.text(this.present(this.unsignedVarint() - 1, 'string'));
  }

  compactNullableString(): string | null {
    const length = this.unsignedVarint() - 1;
    return length === -1 ? null : this.text(length);
  }

  bytes(): Buffer {
    return this.slice(this.present(this.int32(), 'bytes'));
  }

  nullableBytes(): Buffer | null {
    const length = this.int32();
    return length === -1 ? null : this.slice(this.present(length, 'bytes'));
  }

  compactBytes(): Buffer {
    return this.slice(this.present(this.unsignedVarint() - 1, 'bytes'));
  }

  compactNullableBytes(): Buffer | null {
    const length = this.unsignedVarint() - 1;
    return length === -1 ? null : this.slice(length);
  }

  /** Number of elements that follow, -1 for a null array. Refused when not even one byte per element is left. */
  arrayLength(): number {
    return this.elements(this.int32());
  }

  compactArrayLength(): number {
    return this.elements(this.unsignedVarint() - 1);
  }

  skipTaggedFields(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint();
      this.skip(this.unsignedVarint());
    }
  }

  skip(length: number): void {
    this.take(length, 'bytes');
  }

  /** The next `length` bytes, without a copy. */
  slice(length: number): Buffer {
    const start = this.take(length, 'bytes');
    return this.buffer.subarray(start, start + length);
  }

  private text(length: number): string {
    const start = this.take(length, 'string');
    return this.buffer.toString('utf8', start, start + length);
  }

  private present(length: number, what: string): number {
    if (length >= 0) return length;
    const found = length === -1 ? 'is null where null is not allowed' : `has the length ${length}`;
    throw new WireError(`the ${what} before byte ${this.offset} ${found}`);
  }

  private elements(count: number): number {
    if (count < -1 || count > this.remaining) {
      throw new WireError(
        `the array before byte ${this.offset} claims ${count} elements; ${this.remaining} bytes are left`,
      );
    }
    return count;
  }

  private take(length: number, what: string): number {
    const start = this.offset;
    if (length > this.end - start) {
      throw new WireError(
        `${what} at byte ${start} needs ${length} bytes; ${this.end - start} are left`,
      );
    }
    this.offset = start + length;
    return start;
  }
}
