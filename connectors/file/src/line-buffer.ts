import { isAscii } from 'node:buffer';

const carriageReturn = 13;
const lineFeed = 10;
const initialCapacity = 256 * 1024;
const maxLineBytes = 128 * 1024 * 1024;

/**
 * Cuts bytes into lines. Bytes are written into `space()` and announced with `filled`; `nextLine` gives complete lines in order.
 * A line ends at `\n`, `\r\n` or `\r`; a `\r` that is the last byte so far waits for the next one. Invalid UTF-8 becomes U+FFFD.
 * Memory: doubles while the line being collected does not fit, up to 128 MiB.
 */
export class LineBuffer {
  #bytes: Buffer = Buffer.allocUnsafe(initialCapacity);
  /** Bytes from #start to #end are not yet given out; from #start to #scanned there is no line end. */
  #start = 0;
  #end = 0;
  #scanned = 0;
  /** The next `\r` at or behind #scanned; -1 when there is none before #end. */
  #nextReturn = -1;
  /** All bytes from #start to #end: decoding is a plain copy. */
  #isAscii = true;
  #position: number;
  #filledTo: number;

  /** The first byte comes from `filePosition`, in front of which lie `position` characters. */
  constructor(position: number, filePosition: number) {
    this.#position = position;
    this.#filledTo = filePosition;
  }

  /** Characters (UTF-16 units, as Java counts) up to the end of the last line given out, its line end included. */
  get position(): number {
    return this.#position;
  }

  /** File position in bytes behind the last byte filled in. */
  get filledTo(): number {
    return this.#filledTo;
  }

  /** Bytes can be added without taking more memory. */
  get isHalfFree(): boolean {
    return this.#end - this.#start <= this.#bytes.length / 2;
  }

  /** What was filled in and not given out. */
  get rest(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Room for more bytes, empty when a line is longer than this buffer may grow; valid until the next call. Does not move bytes while at least a quarter is free. */
  space(): Buffer {
    if (this.#start === this.#end) this.#moveTo(this.#bytes);
    else if (this.#bytes.length - this.#end < this.#bytes.length / 4) this.#makeRoom();
    return this.#bytes.subarray(this.#end);
  }

  /** `count` bytes were written at the start of `space()`. */
  filled(count: number): void {
    const added = this.#bytes.subarray(this.#end, this.#end + count);
    this.#isAscii &&= isAscii(added);
    if (this.#nextReturn < 0) {
      const found = added.indexOf(carriageReturn);
      if (found >= 0) this.#nextReturn = this.#end + found;
    }
    this.#end += count;
    this.#filledTo += count;
  }

  /** Null when no complete line is there. */
  nextLine(): string | null {
    const lineEnd = this.#findLineEnd();
    if (lineEnd < 0) return null;
    const isPair = this.#bytes[lineEnd] === carriageReturn && this.#bytes[lineEnd + 1] === lineFeed;
    const next = lineEnd + (isPair ? 2 : 1);
    const encoding = this.#isAscii ? 'latin1' : 'utf8';
    const line = this.#bytes.toString(encoding, this.#start, lineEnd);
    this.#position += line.length + next - lineEnd;
    this.#start = next;
    this.#scanned = next;
    if (this.#nextReturn >= 0 && this.#nextReturn < next) this.#findReturn(next);
    if (this.#start === this.#end) this.#isAscii = true;
    return line;
  }

  #findLineEnd(): number {
    // Bytes behind #end are left over from earlier: what is found there does not count.
    const found = this.#bytes.indexOf(lineFeed, this.#scanned);
    const feed = found >= 0 && found < this.#end ? found : -1;
    const isReturnFirst = this.#nextReturn >= 0 && (feed < 0 || this.#nextReturn < feed);
    if (!isReturnFirst) {
      if (feed < 0) this.#scanned = this.#end;
      return feed;
    }
    return this.#nextReturn + 1 < this.#end ? this.#nextReturn : -1;
  }

  #findReturn(from: number): void {
    const found = this.#bytes.subarray(0, this.#end).indexOf(carriageReturn, from);
    this.#nextReturn = found;
  }

  #makeRoom(): void {
    const canGrow = !this.isHalfFree && this.#bytes.length < maxLineBytes;
    if (canGrow) this.#moveTo(Buffer.allocUnsafe(this.#bytes.length * 2));
    else if (this.#start > 0) this.#moveTo(this.#bytes);
  }

  #moveTo(target: Buffer): void {
    this.#bytes.copy(target, 0, this.#start, this.#end);
    this.#bytes = target;
    this.#end -= this.#start;
    this.#scanned -= this.#start;
    if (this.#nextReturn >= 0) this.#nextReturn -= this.#start;
    this.#start = 0;
  }
}
