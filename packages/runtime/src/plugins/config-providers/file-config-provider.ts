import { ConfigError } from '@tributary/sdk';
import { parsePropertiesText } from '../../config/properties.ts';
import { allowedPaths } from './allowed-paths.ts';
import { readText } from './read-text.ts';
import { parseTtl } from './ttl.ts';
import type { ConfigProvider, ProviderContext } from './types.ts';

/** `${file:/path/of.properties:key}`: entries of a properties file in UTF-8. Source: Kafka `FileConfigProvider`. */
export function createFileConfigProvider({ params, logger }: ProviderContext): ConfigProvider {
  const allow = allowedPaths(params['allowed.paths']);
  const ttlMs = parseTtl(params);
  return {
    async get(path, keys) {
      if (path === '') return { data: {}, ttlMs: null };
      const allowed = allow(path);
      if (allowed === null) {
        logger.warn(`The path ${path} is not within the allowed paths of the config provider`);
        return { data: {}, ttlMs: null };
      }
      const entries = await readProperties(allowed, path);
      const wanted = keys ?? Object.keys(entries);
      const data = wanted.flatMap((key) =>
        Object.hasOwn(entries, key) ? [[key, entries[key] as string] as const] : [],
      );
      return { data: Object.fromEntries(data), ttlMs };
    },
  };
}

async function readProperties(
  allowed: string,
  path: string,
): Promise<Readonly<Record<string, string>>> {
  let text: string;
  try {
    text = await readText(allowed);
  } catch (error) {
    throw new ConfigError(`Could not read properties from file ${path}`, { cause: error });
  }
  return parsePropertiesText(text);
}
