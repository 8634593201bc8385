/** Bytes that are not Kafka's framing, or more than the broker takes. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

export interface FrameReader {
  /** Bytes that wait to become frames. */
  readonly available: number;
  push(chunk: Buffer): void;
  /** The next complete frame without its length; undefined until there is one. */
  next(): Buffer | undefined;
}

/**
 * Cuts a stream of chunks into frames: int32 length, then so many bytes. A frame that lies in one chunk is a slice of it; a larger one is gathered
 * in a buffer that grows with what has arrived, not with what a length field claims.
 */
export function createFrameReader(maxFrameBytes: number): FrameReader {
  let chunks: Buffer[] = [];
  let available = 0;
  let needed = 4;

  const gather = (): Buffer => {
    const [first] = chunks as [Buffer];
    if (chunks.length > 1) chunks = [Buffer.concat(chunks, available)];
    return chunks[0] ?? first;
  };
  return {
    get available() {
      return available;
    },
    push(chunk) {
      chunks.push(chunk);
      available += chunk.length;
    },
    next() {
      if (available < needed) return undefined;
      const bytes = gather();
      const length = bytes.readInt32BE(0);
      if (length < 8 || length > maxFrameBytes) {
        throw new FrameError(
          `a request of ${length} bytes was announced; 8 to ${maxFrameBytes} are allowed`,
        );
      }
      needed = 4 + length;
      if (available < needed) return undefined;
      const frame = bytes.subarray(4, needed);
      const rest = bytes.subarray(needed);
      chunks = rest.length === 0 ? [] : [rest];
      available = rest.length;
      needed = 4;
      return frame;
    },
  };
}
