/**
 * The standalone offsets file: a Java-serialised `HashMap<byte[], byte[]>`, read and written so that a Java worker can take the file over and back. (no I/O)
 *
 * Stream: magic ACED, version 0005, then one object:
 *   73 72 "java.util.HashMap" serialVersionUID flags=03 two fields (F loadFactor, I threshold) 78 70
 *   loadFactor float, threshold int, block data 77 08: capacity int, size int, then per entry key and value, then 78.
 * A byte array is 75 (TC_ARRAY), its class (written in full first, by reference 71 007E0002 later), length int, bytes; null is 70.
 * Source: Java Object Serialization Specification 6.4; Kafka Connect `FileOffsetBackingStore`.
 */
import { ConnectError } from '@tributary/sdk';

export type ByteEntry = readonly [key: Buffer, value: Buffer | null];

const header = Buffer.from(
  'aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573686f6c647870',
  'hex',
);
const byteArrayClass = Buffer.from('757200025b42acf317f8060854e00200007870', 'hex');
const byteArrayClassReference = Buffer.from('7571007e0002', 'hex');
const nullMark = 0x70;
const endOfObject = 0x78;
const loadFactor = 0.75;

export function encodeHashMap(entries: readonly ByteEntry[]): Buffer {
  const capacity = capacityFor(entries.length);
  const head = Buffer.alloc(18);
  head.writeFloatBE(loadFactor, 0);
  head.writeInt32BE(entries.length === 0 ? 0 : capacity * loadFactor, 4);
  head.writeUInt16BE(0x7708, 8);
  head.writeInt32BE(capacity, 10);
  head.writeInt32BE(entries.length, 14);
  const parts: Buffer[] = [header, head];
  let isClassWritten = false;
  const push = (bytes: Buffer | null): void => {
    if (bytes === null) {
      parts.push(Buffer.from([nullMark]));
      return;
    }
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    parts.push(isClassWritten ? byteArrayClassReference : byteArrayClass, length, bytes);
    isClassWritten = true;
  };
  for (const [key, value] of entries) {
    push(key);
    push(value);
  }
  parts.push(Buffer.from([endOfObject]));
  return Buffer.concat(parts);
}

/**
 * A file that is empty or cut off is an empty map, as for Java: its sources are read again from their start.
 * Anything but such a map is refused, since overwriting it would lose what it holds.
 */
export function decodeHashMap(file: Buffer): ByteEntry[] {
  try {
    return readHashMap(file);
  } catch (error) {
    if (error === cutOff) return [];
    throw error;
  }
}

const cutOff = new Error('the file ends early');

function readHashMap(file: Buffer): ByteEntry[] {
  if (file.length < header.length && header.subarray(0, file.length).equals(file)) throw cutOff;
  if (!file.subarray(0, header.length).equals(header)) {
    throw new ConnectError(`Expected HashMap but found ${describeStart(file)}`, {
      code: 'TRB_OFFSET_FILE_FORMAT',
    });
  }
  let position = header.length + 14;
  const take = (length: number): Buffer => {
    if (length < 0) throw damaged(position);
    if (position + length > file.length) throw cutOff;
    position += length;
    return file.subarray(position - length, position);
  };
  const size = take(4).readInt32BE();
  const read = (): Buffer | null => {
    if (file[position] === nullMark) {
      position += 1;
      return null;
    }
    if (position + byteArrayClass.length > file.length && size > 0) {
      const rest = file.subarray(position);
      if (byteArrayClass.subarray(0, rest.length).equals(rest)) throw cutOff;
      if (byteArrayClassReference.subarray(0, rest.length).equals(rest)) throw cutOff;
    }
    for (const mark of [byteArrayClassReference, byteArrayClass]) {
      if (file.subarray(position, position + mark.length).equals(mark)) {
        position += mark.length;
        return Buffer.from(take(take(4).readInt32BE()));
      }
    }
    throw damaged(position);
  };
  const entries: ByteEntry[] = [];
  for (let index = 0; index < size; index++) {
    const key = read();
    const value = read();
    if (key !== null) entries.push([key, value]);
  }
  return entries;
}

/** Java's table size for this many entries put one by one. */
function capacityFor(size: number): number {
  let capacity = 16;
  while (size > capacity * loadFactor) capacity *= 2;
  return capacity;
}

function damaged(position: number): ConnectError {
  return new ConnectError(
    `The offsets file is damaged at byte ${position}: no byte array found where one must be; restore it from a copy, or remove it to read all sources from their start`,
    { code: 'TRB_OFFSET_FILE_FORMAT' },
  );
}

/** `class <name>` of the object that the stream begins with, as Java prints it. */
function describeStart(file: Buffer): string {
  const isObject = file.subarray(0, 6).equals(header.subarray(0, 6));
  if (!isObject) return 'a file that is no serialised Java object';
  const nameLength = file.length < 8 ? 0 : file.readUInt16BE(6);
  return `class ${file.subarray(8, 8 + nameLength).toString('utf8')}`;
}
