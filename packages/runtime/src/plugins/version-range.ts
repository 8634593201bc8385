/**
 * Which version of a plugin a config asks for (KIP-891): nothing or `latest` is the newest, `1.2` exactly that version,
 * `[1.0,2.0)` the newest within, as Maven writes ranges (several, separated by commas, are alternatives). (no I/O)
 */
import { ConfigError } from '@tributary/sdk';
import { compareVersions } from './plugin-registry.ts';

export interface VersionRange {
  readonly text: string;
  includes(version: string | null): boolean;
}

/** Null for the newest. ConfigError for what is no range. */
export function parseVersionRange(wanted: string | null | undefined): VersionRange | null {
  const text = wanted?.trim() ?? '';
  if (text === '' || text === 'latest') return null;
  if (!/^[[(]/.test(text)) {
    return {
      text: `[${text},${text}]`,
      includes: (version) => compareVersions(version, text) === 0,
    };
  }
  const intervals: Interval[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.search(/[\])]/);
    if (end < 0) throw new ConfigError(`Unbounded range: ${rest}`);
    intervals.push(parseInterval(rest.slice(0, end + 1)));
    rest = rest.slice(end + 1).replace(/^\s*,?\s*/, '');
    if (rest !== '' && !/^[[(]/.test(rest)) {
      throw new ConfigError(`Only fully-qualified sets allowed in multiple set scenario: ${text}`);
    }
  }
  return { text, includes: (version) => intervals.some((interval) => interval(version)) };
}

/** What Java says when none of the installed versions is in the range; null when one is. */
export function missingVersion(
  className: string,
  range: VersionRange | null,
  versions: readonly string[],
): string | null {
  if (range === null || versions.some((version) => range.includes(version))) return null;
  return `Plugin ${className} not found that matches the version range ${range.text}, available versions: [${versions.join(', ')}]`;
}

type Interval = (version: string | null) => boolean;

function parseInterval(text: string): Interval {
  const isLowerIncluded = text.startsWith('[');
  const isUpperIncluded = text.endsWith(']');
  const [lower = '', upper, ...more] = text
    .slice(1, -1)
    .split(',')
    .map((bound) => bound.trim());
  if (more.length > 0) throw new ConfigError(`Unbounded range: ${text}`);
  if (upper === undefined) {
    if (!isLowerIncluded || !isUpperIncluded) {
      throw new ConfigError(`Single version must be surrounded by []: ${text}`);
    }
    return (version) => compareVersions(version, lower) === 0;
  }
  if (lower !== '' && upper !== '' && compareVersions(upper, lower) < 0) {
    throw new ConfigError(`Range defies version ordering: ${text}`);
  }
  return (version) => {
    const low = lower === '' ? 1 : compareVersions(version, lower);
    const high = upper === '' ? -1 : compareVersions(version, upper);
    return (
      (low > 0 || (low === 0 && isLowerIncluded)) && (high < 0 || (high === 0 && isUpperIncluded))
    );
  };
}
