import type { Readable } from 'node:stream';

/** Resolves early when it is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Reads a stream that others read before and after: it takes from the stream only what it is asked for, so a full stream stops reading. */
export class StandardInput {
  readonly #stream: Readable;

  readonly #sleep: Sleep;

  constructor(stream: Readable, sleep: Sleep) {
    this.#stream = stream;
    this.#sleep = sleep;
    stream.on('error', ignore);
  }

  get hasEnded(): boolean {
    return this.#stream.readableEnded;
  }

  /** What has arrived; asking for nothing makes the stream fetch more. */
  read(space: Buffer): number {
    if (this.#stream.errored) throw this.#stream.errored;
    const available = Math.min(this.#stream.readableLength, space.length);
    const chunk = this.#stream.read(available) as Buffer | null;
    if (available === 0 || chunk === null) return 0;
    return chunk.copy(space);
  }

  /** False when nothing happened for `waitMs`, or when it was aborted. */
  async untilReadable(waitMs: number, signal: AbortSignal): Promise<boolean> {
    const over = new AbortController();
    const happened = Promise.withResolvers<true>();
    const onEvent = (): void => happened.resolve(true);
    const events = ['readable', 'end', 'error'];
    for (const event of events) this.#stream.on(event, onEvent);
    const enough = AbortSignal.any([signal, over.signal]);
    try {
      return await Promise.race([happened.promise, this.#sleep(waitMs, enough).then(() => false)]);
    } finally {
      over.abort();
      for (const event of events) this.#stream.off(event, onEvent);
    }
  }

  /** `unused` is read again by whoever reads next. */
  release(unused: Buffer): void {
    if (unused.length > 0 && !this.#stream.readableEnded) this.#stream.unshift(unused);
    this.#stream.pause();
    this.#stream.off('error', ignore);
  }
}

function ignore(): void {}
