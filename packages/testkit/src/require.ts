/**
 * For tests that need something which not every machine has, at the top of the file: `describe.runIf(requireOrSkip('Apache Kafka', kafka !== null, 'install Java 17 and Maven'))`.
 * False, with the reason on stderr, where it is missing; with `TRIBUTARY_REQUIRE=all` it throws instead, so that the file fails.
 */
export function requireOrSkip(name: string, isAvailable: boolean, howToGetIt: string): boolean {
  if (isAvailable) return true;
  if (process.env['TRIBUTARY_REQUIRE'] === 'all') {
    throw new Error(`no ${name} (${howToGetIt}), and TRIBUTARY_REQUIRE=all allows no skipped test`);
  }
  process.stderr.write(`skipped: no ${name} (${howToGetIt})\n`);
  return false;
}
