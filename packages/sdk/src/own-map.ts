/**
 * The schemaless map that a transformation of a chain made last. Only the record on its way through the chain has it,
 * so that the next transformation may change it where it would copy any other. Whoever else sees the record ends that: `clear`.
 */
export class OwnMap {
  #map: ReadonlyMap<string, unknown> | null = null;

  /** `map` itself where it is own, else a copy, which is own from now on. To be changed, and to be put into the record. */
  of(map: ReadonlyMap<string, unknown>): Map<string, unknown> {
    return map === this.#map ? (map as Map<string, unknown>) : this.take(copyOf(map));
  }

  /** A map made just now, which goes into the record and nowhere else, is own from now on. */
  take<T extends ReadonlyMap<string, unknown>>(map: T): T {
    this.#map = map;
    return map;
  }

  clear(): void {
    this.#map = null;
  }
}

/** Quicker than the constructor of Map, which makes an array of every entry. */
function copyOf(map: ReadonlyMap<string, unknown>): Map<string, unknown> {
  const copy = new Map<string, unknown>();
  for (const name of map.keys()) copy.set(name, map.get(name));
  return copy;
}
