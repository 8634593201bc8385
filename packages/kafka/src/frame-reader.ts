/** Chunks of a stream -> frames, each an int32 length and that many bytes. A frame is copied once, into a buffer of its own. (no I/O) */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #onFrame: (frame: Buffer) => void;
  readonly #length = Buffer.alloc(4);
  #lengthBytes = 0;
  #frame: Buffer | null = null;
  #frameBytes = 0;

  constructor(maxBytes: number, onFrame: (frame: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  /** Throws for a length that cannot be; what `onFrame` throws passes through. */
  take(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#frame === null) {
        const taken = chunk.copy(this.#length, this.#lengthBytes, at, at + 4 - this.#lengthBytes);
        at += taken;
        this.#lengthBytes += taken;
        if (this.#lengthBytes < 4) return;
        this.#begin(this.#length.readInt32BE(0));
      }
      const frame = this.#frame as Buffer;
      const taken = chunk.copy(frame, this.#frameBytes, at);
      at += taken;
      this.#frameBytes += taken;
      if (this.#frameBytes < frame.length) return;
      this.#frame = null;
      this.#lengthBytes = 0;
      this.#onFrame(frame);
    }
  }

  #begin(bytes: number): void {
    if (bytes < 4 || bytes > this.#maxBytes) throw new Error(`a frame of ${bytes} bytes`);
    this.#frame = Buffer.allocUnsafeSlow(bytes);
    this.#frameBytes = 0;
  }
}
