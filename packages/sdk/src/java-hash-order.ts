/** The order in which a Java HashSet built from `texts` iterates: some of Java's messages show it. */
export function javaHashOrder(texts: readonly string[]): string[] {
  const unique = [...new Set(texts)];
  let capacity = 16;
  while (unique.length > capacity * 0.75) capacity *= 2;
  const bucket = (text: string): number => {
    const hash = javaHash(text);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return unique.sort((a, b) => bucket(a) - bucket(b));
}

/** String.hashCode. */
function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
