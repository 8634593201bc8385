import { ConfigError, compileJavaPattern, type JavaPattern } from '@tributary/sdk';
import type { ConfigProvider, ProviderContext } from './types.ts';

/** `${env:NAME}`: variables of the worker's environment as it started, those whose whole name matches `allowlist.pattern`. Source: Kafka `EnvVarConfigProvider`. */
export function createEnvVarConfigProvider(context: ProviderContext): ConfigProvider {
  const pattern = parsePattern(context.params['allowlist.pattern'] ?? '.*');
  const variables = new Map(
    Object.entries(context.environment).flatMap(([name, value]) =>
      value !== undefined && pattern.matches(name) ? [[name, value] as const] : [],
    ),
  );
  return {
    async get(path, keys) {
      if (path !== '') {
        throw new ConfigError(
          `Path is not supported for EnvVarConfigProvider, invalid value '${path}'`,
        );
      }
      const wanted = [...variables].filter(([name]) => keys === null || keys.includes(name));
      return { data: Object.fromEntries(wanted), ttlMs: null };
    },
  };
}

function parsePattern(text: string): JavaPattern {
  try {
    return compileJavaPattern(text);
  } catch (error) {
    throw new ConfigError('allowlist.pattern', text, `Invalid regex: ${(error as Error).message}`);
  }
}
