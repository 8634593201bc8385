/**
 * Deep equality of Connect values: bytes and dates by content, lists in order, maps without order, structs and decimals by their own `equals`.
 * NaN equals NaN and 0 differs from -0, as in Java's boxed numbers.
 */
export function valuesEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Date) return b instanceof Date && Object.is(a.getTime(), b.getTime());
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) && a.length === b.length && a.every((item, i) => valuesEqual(item, b[i]))
    );
  }
  if (a instanceof Map) return b instanceof Map && a.size === b.size && mapsEqual(a, b);
  const own = (a as { equals?: (other: unknown) => boolean }).equals;
  if (typeof own === 'function') return own.call(a, b);
  return plainObjectsEqual(a as Record<string, unknown>, b as Record<string, unknown>);
}

function mapsEqual(a: Map<unknown, unknown>, b: Map<unknown, unknown>): boolean {
  for (const [key, value] of a) {
    if (b.has(key)) {
      if (!valuesEqual(value, b.get(key))) return false;
    } else if (typeof key !== 'object' || !hasEqualEntry(b, key, value)) {
      return false;
    }
  }
  return true;
}

/** Keys that are objects are the same key when they are equal. */
function hasEqualEntry(map: Map<unknown, unknown>, key: unknown, value: unknown): boolean {
  for (const [otherKey, otherValue] of map) {
    if (valuesEqual(key, otherKey)) return valuesEqual(value, otherValue);
  }
  return false;
}

function plainObjectsEqual(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const keys = Object.keys(a);
  return (
    Object.getPrototypeOf(a) === Object.getPrototypeOf(b) &&
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && valuesEqual(a[key], b[key]))
  );
}
