import { describe, expect, it } from 'vitest';
import { LineBuffer } from './line-buffer.ts';

function fill(lines: LineBuffer, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const space = lines.space();
    const count = Math.min(space.length, bytes.length - at);
    space.set(bytes.subarray(at, at + count));
    lines.filled(count);
    at += count;
  }
}

function take(lines: LineBuffer): string[] {
  const taken: string[] = [];
  for (let line = lines.nextLine(); line !== null; line = lines.nextLine()) taken.push(line);
  return taken;
}

function linesOf(...parts: (string | Uint8Array)[]): string[] {
  const lines = new LineBuffer(0, 0);
  const taken: string[] = [];
  for (const part of parts) {
    fill(lines, typeof part === 'string' ? Buffer.from(part) : part);
    taken.push(...take(lines));
  }
  return taken;
}

describe('LineBuffer', () => {
  it('ends lines at line feed, carriage return and both', () => {
    expect(linesOf('a\nb\r\nc\rd\n')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives empty lines', () => {
    expect(linesOf('\n\r\n\r\rx\n')).toEqual(['', '', '', '', 'x']);
  });

  it('keeps an unfinished line until it is finished', () => {
    expect(linesOf('a\nb', 'c', 'd\n')).toEqual(['a', 'bcd']);
  });

  it('waits behind a carriage return for what comes next', () => {
    const lines = new LineBuffer(0, 0);
    fill(lines, Buffer.from('a\r'));
    expect(take(lines)).toEqual([]);
    fill(lines, Buffer.from('\nb\r'));
    expect(take(lines)).toEqual(['a']);
    expect(lines.position).toBe(3);
    fill(lines, Buffer.from('c\n'));
    expect(take(lines)).toEqual(['b', 'c']);
  });

  it('counts characters as Java does, line ends included, beside the bytes of the file', () => {
    const lines = new LineBuffer(100, 200);
    fill(lines, Buffer.from('é€\r\n😀\nrest'));
    expect(take(lines)).toEqual(['é€', '😀']);
    expect(lines.position).toBe(100 + 4 + 3);
    expect(lines.filledTo).toBe(200 + 7 + 5 + 4);
  });

  it('puts characters together that were read in parts', () => {
    const bytes = Buffer.from('aé€😀z\n');
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(linesOf(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(['aé€😀z']);
    }
  });

  it('turns invalid UTF-8 into replacement characters', () => {
    expect(linesOf(Uint8Array.of(0x41, 0xff, 0x42, 0x0a))).toEqual(['A\ufffdB']);
  });

  it('holds a line of many times its first size', () => {
    const long = 'x'.repeat(3_000_000);
    expect(linesOf('a\n', long, '\nb\n')).toEqual(['a', long, 'b']);
  });

  it('gives the same lines however the bytes are cut', () => {
    const alphabet = ['a', 'é', '\r', '\n', '\r\n', '', 'bc'];
    let seed = 7;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return (seed >> 8) % below;
    };
    for (let round = 0; round < 300; round++) {
      let text = '';
      for (let i = random(40); i >= 0; i--) text += alphabet[random(alphabet.length)];
      text += 'end\n';
      const bytes = Buffer.from(text);
      const parts: Buffer[] = [];
      for (let at = 0; at < bytes.length; ) {
        const next = Math.min(bytes.length, at + 1 + random(9));
        parts.push(bytes.subarray(at, next));
        at = next;
      }
      expect(linesOf(...parts)).toEqual(text.split(/\r\n|\r|\n/).slice(0, -1));
    }
  });
});
