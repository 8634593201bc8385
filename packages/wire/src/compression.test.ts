import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { compress as compressLz4Block } from 'lz4-wasm-nodejs';
import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import {
  compress,
  compressionTypes,
  decompress,
  defaultDecompressionLimit,
} from './compression.ts';
import { WireError } from './wire-error.ts';

const limit = defaultDecompressionLimit;
const zeros = Buffer.alloc(1_000_000);

describe.each(compressionTypes.filter((type) => type !== 'none'))('%s', (type) => {
  test('gives back what was compressed, of any size', () => {
    const noise = fc
      .uint8Array({ minLength: 1, maxLength: 300 })
      .map((bytes) => Buffer.from(bytes));
    const size = fc.oneof(fc.constantFrom(0, 1, 32768, 32769, 65536, 65537, 200_000), fc.nat(300));
    fc.assert(
      fc.property(noise, size, fc.boolean(), (pattern, length, isNoise) => {
        const data = isNoise ? pseudoRandom(length) : Buffer.alloc(length, pattern);
        expect(decompress(type, compress(type, data), limit).equals(data)).toBe(true);
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  test('stops at the limit', () => {
    const packed = compress(type, zeros);
    expect(packed.length).toBeLessThan(60_000);
    expect(decompress(type, packed, 1_000_000)).toHaveLength(1_000_000);
    const refused = `the ${type} data unfolds to more than the limit of 999999 bytes`;
    expect(() => decompress(type, packed, 999_999)).toThrow(new WireError(refused));
  });

  test('damage and truncation are a WireError or other data, never another error', () => {
    const packed = compress(type, Buffer.from('some text, some text, some more text. '.repeat(40)));
    let refused = 0;
    const attempt = (data: Buffer) => {
      try {
        decompress(type, data, 100_000);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        refused++;
      }
    };
    for (let end = 0; end < packed.length; end++) attempt(packed.subarray(0, end));
    for (let at = 0; at < packed.length; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const damaged = Buffer.from(packed);
        damaged[at] = (damaged[at] as number) ^ change;
        attempt(damaged);
      }
    }
    expect(refused).toBeGreaterThan(packed.length / 2);
  });
});

test('a compression level makes a difference', () => {
  const words = Array.from(pseudoRandom(30_000), (byte) => `word${byte % 61} `);
  const data = Buffer.from(words.join(''));
  for (const type of ['gzip', 'zstd'] as const) {
    const [fast, thorough] = [compress(type, data, 1), compress(type, data, 9)];
    expect(thorough.length).toBeLessThan(fast.length);
    expect(decompress(type, thorough, limit).equals(data)).toBe(true);
  }
});

describe('forms that other clients write', () => {
  const data = Buffer.from('abcabcabc'.repeat(50_000));

  test('snappy without a frame', () => {
    expect(decompress('snappy', compressSync(data), limit).equals(data)).toBe(true);
    expect(() => decompress('snappy', compressSync(data), data.length - 1)).toThrow('limit');
  });

  test('lz4 with a large block, checksums and the content size', () => {
    const block = Buffer.from(compressLz4Block(data));
    block.writeUInt32LE(block.length - 4, 0);
    const mark = Buffer.from([0x04, 0x22, 0x4d, 0x18]);
    const checksum = Buffer.from('????');
    const end = Buffer.alloc(4);
    const frame = Buffer.concat([
      mark,
      Buffer.from([0x60 | 0x10 | 0x08 | 0x04, 0x70]),
      Buffer.alloc(8),
      Buffer.from('?'),
      block,
      checksum,
      end,
      checksum,
    ]);
    expect(decompress('lz4', frame, data.length).equals(data)).toBe(true);
    expect(() => decompress('lz4', frame, data.length - 1)).toThrow('limit');
    frame[5] = 0x40;
    expect(() => decompress('lz4', frame, limit)).toThrow('unfolds to more than 65536 bytes');
    frame[4] = 0x40;
    expect(() => decompress('lz4', frame, limit)).toThrow('blocks that build on others');
  });

  test('gzip and zstd in several members', () => {
    const half = Buffer.from('half');
    const gzip = Buffer.concat([gzipSync(half), gzipSync(half)]);
    expect(decompress('gzip', gzip, limit).toString()).toBe('halfhalf');
    expect(decompress('zstd', zstdCompressSync(half), limit).toString()).toBe('half');
  });
});

test('a snappy block that states an impossible length allocates nothing', () => {
  const lie = Buffer.from([0xff, 0xff, 0xff, 0x7f, 0x00]);
  expect(() => decompress('snappy', lie, 2 ** 40)).toThrow('states an impossible length');
});

function pseudoRandom(length: number): Buffer {
  let state = 12345;
  return Buffer.from(
    Array.from({ length }, () => {
      state = Math.imul(state, 1103515245) + 12345;
      return (state >>> 16) & 0xff;
    }),
  );
}
