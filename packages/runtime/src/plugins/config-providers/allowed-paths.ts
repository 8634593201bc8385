import { existsSync } from 'node:fs';
import { isAbsolute, normalize, sep } from 'node:path';
import { ConfigError } from '@tributary/sdk';

/**
 * Parameter `allowed.paths` of the providers that read files: absolute files and folders, separated by commas; absent or empty allows everything.
 * Gives the path to read, or null for one that is not allowed. Links are followed, as in Java.
 * Source: Kafka `AllowedPaths`.
 */
export function allowedPaths(configured: string | undefined): (path: string) => string | null {
  if (configured === undefined || configured === '') return (path) => path;
  const allowed = configured.split(',').map((entry) => {
    const path = withoutTrailingSeparator(normalize(entry));
    if (!isAbsolute(path)) throw new ConfigError(`Path ${path} is not absolute`);
    if (!existsSync(path)) throw new ConfigError(`Path ${path} does not exist`);
    return path;
  });
  return (path) => {
    const wanted = withoutTrailingSeparator(normalize(path));
    return allowed.some((each) => isWithin(wanted, each)) ? wanted : null;
  };
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === sep ? sep : `${folder}${sep}`);
}

function withoutTrailingSeparator(path: string): string {
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
}
