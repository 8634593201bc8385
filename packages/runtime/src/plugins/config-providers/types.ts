import type { Logger } from '../../logger.ts';

/**
 * Where the values of `${provider:path:key}` come from. Asked whenever a config is about to be used; calls may overlap.
 * Source: Kafka `ConfigProvider`.
 */
export interface ConfigProvider {
  /** The entries of `path` (empty when the reference has none): those of `keys`, or all. A key that is not there is left out. ConfigError when `path` cannot be read. */
  get(path: string, keys: readonly string[] | null): Promise<ConfigData>;
}

export interface ConfigData {
  readonly data: Readonly<Record<string, string>>;
  /** After this time the values may have changed; null: nobody asks again. */
  readonly ttlMs: number | null;
}

/** `config.providers.NAME.param.*`, and what a provider is given beside it. */
export interface ProviderContext {
  readonly params: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}
