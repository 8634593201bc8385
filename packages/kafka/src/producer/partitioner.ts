/** Which partition a record with a key goes to. (no I/O) Source: Kafka `BuiltInPartitioner`, `Utils.murmur2`. */

/** Java's murmur2 over bytes, as an unsigned number; the partition of a key is its low 31 bits modulo the partitions. */
export function murmur2(data: Uint8Array): number {
  const { length } = data;
  const m = 0x5bd1e995;
  let hash = 0x9747b28c ^ length;
  const words = length >> 2;
  for (let word = 0; word < words; word++) {
    const at = word << 2;
    let k =
      (data[at] as number) |
      ((data[at + 1] as number) << 8) |
      ((data[at + 2] as number) << 16) |
      ((data[at + 3] as number) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    hash = Math.imul(hash, m) ^ k;
  }
  const rest = length & 3;
  const tail = length & ~3;
  if (rest === 3) hash ^= (data[tail + 2] as number) << 16;
  if (rest >= 2) hash ^= (data[tail + 1] as number) << 8;
  if (rest >= 1) {
    hash ^= data[tail] as number;
    hash = Math.imul(hash, m);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, m);
  hash ^= hash >>> 15;
  return hash >>> 0;
}

export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}
