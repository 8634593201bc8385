import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameReader } from './frame-reader.ts';

it('gives the same frames however the stream is cut', () => {
  const frames = fc.array(fc.uint8Array({ minLength: 4, maxLength: 40 }), { maxLength: 6 });
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 })), (wanted, cuts) => {
      const stream = Buffer.concat(
        wanted.flatMap((frame) => {
          const length = Buffer.alloc(4);
          length.writeInt32BE(frame.length);
          return [length, frame];
        }),
      );
      const found: Buffer[] = [];
      const reader = new FrameReader(100, (frame) => found.push(frame));
      let at = 0;
      for (const size of cuts) {
        reader.take(stream.subarray(at, at + size));
        at += size;
      }
      reader.take(stream.subarray(at));
      expect(found.map((frame) => [...frame])).toEqual(wanted.map((frame) => [...frame]));
    }),
  );
});

it.each([3, -1, 101])('refuses a frame of %i bytes', (bytes) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes);
  expect(() => new FrameReader(100, () => {}).take(length)).toThrow(`a frame of ${bytes} bytes`);
});
