/**
 * `${provider:path:key}` in configs -> values, and when to ask again. What is stored and answered keeps the reference; values exist only in what is handed to
 * clients and plugins, and are taken out of what comes back from them.
 * Source: Kafka `ConfigTransformer`, `AbstractConfig.resolveConfigVariables`.
 */
import { ConfigError } from '@tributary/sdk';
import type { Logger } from '../logger.ts';
import { createDirectoryConfigProvider } from './config-providers/directory-config-provider.ts';
import { createEnvVarConfigProvider } from './config-providers/env-var-config-provider.ts';
import { createFileConfigProvider } from './config-providers/file-config-provider.ts';
import type { ConfigProvider, ProviderContext } from './config-providers/types.ts';
import { type Resolved, resolved } from './resolved-config.ts';

/** By the name that stands in references. */
export type ConfigProviders = ReadonlyMap<string, ConfigProvider>;

const javaPackage = 'org.apache.kafka.common.config.provider.';
const bundled: Readonly<Record<string, (context: ProviderContext) => ConfigProvider>> = {
  File: createFileConfigProvider,
  Directory: createDirectoryConfigProvider,
  EnvVar: createEnvVarConfigProvider,
};

/** The provider that a class name or alias stands for, or null. */
export function createConfigProvider(
  className: string,
  context: ProviderContext,
): ConfigProvider | null {
  const create = bundled[bundledName(className) ?? ''];
  return create?.(context) ?? null;
}

/** Whether a class name or alias is that of a config provider, which is a plugin, but no connector, converter or transformation. */
export function isConfigProvider(className: string): boolean {
  return bundledName(className) !== null;
}

function bundledName(className: string): string | null {
  const simpleName = className.startsWith(javaPackage)
    ? className.slice(javaPackage.length)
    : className;
  const name = simpleName.replace(/(?<=.)ConfigProvider$/, '');
  return Object.hasOwn(bundled, name) ? name : null;
}

/** Those that `config.providers` of a worker lists; ConfigError for one that is not there or does not accept its parameters. One without class is left out, as in Java. */
export function createConfigProviders(
  workerConfig: Readonly<Record<string, string>>,
  options: { environment: ProviderContext['environment']; logger: Logger },
): ConfigProviders {
  const listed = (workerConfig['config.providers'] ?? '').split(',').map((name) => name.trim());
  const providers = new Map<string, ConfigProvider>();
  for (const name of new Set(listed.filter((each) => each !== ''))) {
    const key = `config.providers.${name}.class`;
    const className = workerConfig[key]?.trim() ?? '';
    if (className === '') {
      options.logger.warn(
        `Config provider "${name}" has no ${key}; its references stay as they are`,
      );
      continue;
    }
    const params = paramsOf(workerConfig, `config.providers.${name}.param.`);
    const provider = createConfigProvider(className, { ...options, params });
    if (provider === null) {
      throw new ConfigError(
        key,
        className,
        'Could not load config provider class or one of its dependencies',
      );
    }
    providers.set(name, provider);
  }
  return providers;
}

const reference = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g;

/**
 * A config with every reference replaced whose provider and key exist; what a value brings in is not replaced again. Null values stay.
 * ConfigError when a provider cannot read.
 */
export async function resolveConfig<V extends string | null>(
  config: Readonly<Record<string, V>>,
  providers: ConfigProviders,
): Promise<Resolved<V>> {
  const wanted = referencesIn(config, providers);
  const values = new Map<string, string>();
  const ttls = new Map<string, number>();
  for (const { provider, path, keys } of wanted.values()) {
    const { data, ttlMs } = await (providers.get(provider) as ConfigProvider).get(path, [...keys]);
    if (ttlMs !== null && ttlMs >= 0) ttls.set(path, ttlMs);
    for (const key of keys) {
      if (Object.hasOwn(data, key)) values.set(idOf(provider, path, key), data[key] as string);
    }
  }
  const replaced = new Map<string, string>();
  const found: Record<string, V> = {};
  for (const [name, raw] of Object.entries(config) as [string, V][]) {
    found[name] =
      raw === null
        ? raw
        : (raw.replace(reference, (text, provider: string, _, path: string, key: string) => {
            const value = values.get(idOf(provider, path ?? '', key));
            if (value === undefined) return text;
            replaced.set(text, value);
            return value;
          }) as V);
  }
  return resolved({ raw: config, config: found, replaced, ttls });
}

/** By provider and path, so that each path is read once. */
function referencesIn(
  config: Readonly<Record<string, string | null>>,
  providers: ConfigProviders,
): Map<string, { provider: string; path: string; keys: Set<string> }> {
  const wanted = new Map<string, { provider: string; path: string; keys: Set<string> }>();
  for (const raw of Object.values(config)) {
    for (const [, provider = '', , path = '', key = ''] of raw?.matchAll(reference) ?? []) {
      if (!providers.has(provider)) continue;
      const id = idOf(provider, path, '');
      const known = wanted.get(id) ?? { provider, path, keys: new Set<string>() };
      known.keys.add(key);
      wanted.set(id, known);
    }
  }
  return wanted;
}

function idOf(provider: string, path: string, key: string): string {
  return JSON.stringify([provider, path, key]);
}

function paramsOf(
  config: Readonly<Record<string, string>>,
  prefix: string,
): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (key.startsWith(prefix)) params[key.slice(prefix.length)] = value;
  }
  return params;
}

/** A worker's own config, ready for use: resolved but for `plugin.path`, and without the providers, which are nobody else's business. */
export async function resolveWorkerConfig(
  config: Readonly<Record<string, string>>,
  providers: ConfigProviders,
): Promise<{ config: Record<string, string>; replaced: ReadonlyMap<string, string> }> {
  const { config: found, replaced } = await resolveConfig(config, providers);
  const pluginPath = config['plugin.path'];
  const used = Object.entries(found).filter(([key]) => !/^config\.providers(?:\.|$)/.test(key));
  return {
    config: {
      ...Object.fromEntries(used),
      ...(pluginPath === undefined ? {} : { 'plugin.path': pluginPath }),
    },
    replaced,
  };
}
