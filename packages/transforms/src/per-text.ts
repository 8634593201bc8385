/** Remembers what `compute` makes of a text, for texts that come again and again, such as topics. */
export function perText<T>(
  compute: (text: string) => T,
  maxRemembered = 1000,
): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let result = known.get(text);
    if (result === undefined) {
      result = compute(text);
      if (known.size >= maxRemembered) known.clear();
      known.set(text, result);
    }
    return result;
  };
}
