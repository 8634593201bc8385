import { decodeRecords, type RecordBatchHeader, readControlType } from '@tributary/wire';

/**
 * Which batches of one fetched answer belong to aborted transactions, asked of them front to back. (no I/O)
 * The broker lists the aborted transactions that reach into the answer by producer and first offset; each ends at its producer's next abort marker.
 * Source: Kafka `CompletedFetch.isBatchAborted`.
 */
export class AbortedTransactions {
  readonly #coming: { readonly producerId: bigint; readonly firstOffset: bigint }[];
  readonly #open = new Set<bigint>();

  constructor(listed: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[]) {
    this.#coming = [...listed].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  covers(buffer: Buffer, header: RecordBatchHeader): boolean {
    if (header.producerId < 0n) return false;
    const lastOffset = header.baseOffset + BigInt(header.lastOffsetDelta);
    for (let next = this.#coming[0]; next !== undefined; next = this.#coming[0]) {
      if (next.firstOffset > lastOffset) break;
      this.#open.add(next.producerId);
      this.#coming.shift();
    }
    if (header.isControl) {
      if (isAbortMarker(buffer, header)) this.#open.delete(header.producerId);
      return false;
    }
    return header.isTransactional && this.#open.has(header.producerId);
  }
}

/** Compaction may leave a control batch without its record. */
function isAbortMarker(buffer: Buffer, header: RecordBatchHeader): boolean {
  const [record] = decodeRecords(buffer, header);
  return record !== undefined && readControlType(record) === 'ABORT';
}
