/** One value of DER: ITU-T X.690. (no I/O) */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
}

export const tags = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** Explicit and of a sequence; implicit. */
  context0: 0xa0,
  context0Primitive: 0x80,
} as const;

/** All values in these bytes. Throws for what is no DER. */
export function derValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = byteAt(bytes, at);
    const first = byteAt(bytes, at + 1);
    const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
    if (first === 0x80 || lengthBytes > 4) throw new Error('a length is not that of DER');
    const start = at + 2 + lengthBytes;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    if (start + length > bytes.length) throw new Error('it ends too early');
    values.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}

/** The one value in these bytes, which must have this tag. */
export function derValue(bytes: Buffer, tag: number): Buffer {
  return expectTag(derValues(bytes)[0], tag);
}

export function expectTag(value: DerValue | undefined, tag: number): Buffer {
  if (value?.tag === tag) return value.content;
  throw new Error(
    `it has ${value?.tag.toString(16) ?? 'nothing'} where ${tag.toString(16)} belongs`,
  );
}

export function integerOf(value: DerValue | undefined): number {
  const content = expectTag(value, tags.integer);
  if (content.length === 0 || content.length > 6) throw new Error('a number is out of range');
  return content.readIntBE(0, content.length);
}

/** `1.2.840.113549.1.7.1`. */
export function oidOf(value: DerValue | undefined): string {
  const content = expectTag(value, tags.oid);
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(Math.floor(arc / 40), 2), arc - Math.min(Math.floor(arc / 40), 2) * 40);
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new Error('it ends too early');
  return byte;
}
