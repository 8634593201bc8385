import { describe, expect, it } from 'vitest';
import { createFrameReader, FrameError } from './frame-reader.ts';

function framed(body: string): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  frame.write(body, 4);
  return frame;
}

describe('frame reader', () => {
  it.each([1, 3, 7, 1000])('finds the frames in chunks of %i bytes', (chunkBytes) => {
    const bodies = ['eightlong', 'another one', 'x'.repeat(100)];
    const stream = Buffer.concat(bodies.map(framed));
    const reader = createFrameReader(1000);
    const found: string[] = [];
    for (let at = 0; at < stream.length; at += chunkBytes) {
      reader.push(stream.subarray(at, at + chunkBytes));
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        found.push(String(frame));
      }
    }
    expect(found).toEqual(bodies);
    expect(reader.available).toBe(0);
  });

  it.each([-1, 7, 1001])('refuses an announced length of %i bytes before it arrives', (length) => {
    const reader = createFrameReader(1000);
    const announcement = Buffer.alloc(4);
    announcement.writeInt32BE(length);
    reader.push(announcement);
    expect(() => reader.next()).toThrow(FrameError);
  });
});
