import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@tributary/sdk';
import { allowedPaths } from './allowed-paths.ts';
import { readText } from './read-text.ts';
import { parseTtl } from './ttl.ts';
import type { ConfigProvider, ProviderContext } from './types.ts';

/** `${directory:/folder:file}`: whole files of one folder, as secrets are mounted. Source: Kafka `DirectoryConfigProvider`. */
export function createDirectoryConfigProvider({ params, logger }: ProviderContext): ConfigProvider {
  const allow = allowedPaths(params['allowed.paths']);
  const ttlMs = parseTtl(params);
  return {
    async get(path, keys) {
      if (path === '') return { data: {}, ttlMs: null };
      const folder = allow(path);
      if (folder === null) {
        logger.warn(`The path ${path} is not within the allowed paths of the config provider`);
        return { data: {}, ttlMs: null };
      }
      if (!(await isFolder(folder))) {
        logger.warn(`The path ${path} is not a directory`);
        return { data: {}, ttlMs: null };
      }
      const data: Record<string, string> = {};
      for (const name of await listFiles(folder)) {
        if (keys !== null && !keys.includes(name)) continue;
        const file = join(folder, name);
        if (await isFile(file)) data[name] = await read(file, name);
      }
      return { data, ttlMs };
    },
  };
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new ConfigError(`Could not list directory ${folder}`, { cause: error });
  }
}

async function read(file: string, name: string): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    throw new ConfigError(`Could not read file ${file} for property ${name}`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats?.isDirectory() ?? false;
}

async function isFile(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats?.isFile() ?? false;
}
