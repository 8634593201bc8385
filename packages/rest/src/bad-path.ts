/**
 * Paths that are refused before routing: empty segments, encoded `/`, `\`, `%` or leading `.`, broken percent encoding, broken UTF-8. (no I/O)
 * Source: Jetty 12 `UriCompliance`.
 */
export function isBadPath(url: string): boolean {
  const path = pathOf(url);
  if (/\/\/|%2f|%5c|%25|\/%2e/i.test(path)) return true;
  try {
    decodeURIComponent(path);
    return false;
  } catch {
    return true;
  }
}

/** Without the query. */
export function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
