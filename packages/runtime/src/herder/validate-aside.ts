/** Validation of connector configs in a task host that runs nothing else, and what an invalid one is answered with. Source: Kafka Connect `AbstractHerder`. */
import { unknownConnectorKeys } from '../config/supplied-keys.ts';
import type { HostPool } from '../hosts/host-pool-api.ts';
import type { Logger } from '../logger.ts';
import type { PluginRegistry } from '../plugins/plugin-registry.ts';
import { hideInError, type Resolved } from '../plugins/resolved-config.ts';
import type { StoredConfig } from '../storage/config-store.ts';
import { HerderError } from './errors.ts';
import { hideValues } from './hide-values.ts';
import { requireConnectorPlugin, requirePlugin } from './plugin-lookup.ts';
import type { ConfigValueInfo, ValidationResult } from './validation-result.ts';

export interface ValidationContext {
  readonly registry: PluginRegistry;
  readonly pool: HostPool;
  /** Replaces references to config providers. */
  resolve(config: StoredConfig): Promise<Resolved<string | null>>;
}

/** Below the 90 s after which REST stops waiting. */
const timeoutMs = 60_000;

/** For `PUT /connector-plugins/{plugin}/config/validate`. Values of config providers are in no part of it. */
export async function validateAside(
  config: StoredConfig,
  { registry, pool, resolve }: ValidationContext,
): Promise<ValidationResult> {
  const resolved = await resolve(config);
  try {
    const { 'connector.class': connectorClass = null } = resolved.config;
    requireConnectorPlugin(registry, connectorClass === null ? config : resolved.config);
    const result = await pool.callAside('validate', { config: resolved.config }, { timeoutMs });
    return hideValues(result, config, resolved);
  } catch (error) {
    throw hideInError(error, resolved);
  }
}

/** Rejects with all errors in one message, as the answer to a config that is put. */
export async function refuseInvalid(
  config: StoredConfig,
  context: ValidationContext,
): Promise<ValidationResult> {
  const validation = await validateAside(config, context);
  const { error_count, configs } = validation;
  if (error_count === 0) return validation;
  const errors = configs.flatMap((entry) => entry.value.errors);
  throw new HerderError(
    400,
    `Connector configuration is invalid and contains the following ${error_count} error(s):\n${errors.join('\n')}\n` +
      'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
  );
}

/** Keys that nobody has defined are allowed, as in Java, and most often a mistake. */
export function nameUnknownKeys(
  name: string,
  config: StoredConfig,
  { configs }: ValidationResult,
  logger: Logger,
): void {
  const declared = configs.filter(({ definition }) => definition !== null);
  const names = new Set(declared.map(({ value }) => value.name));
  for (const key of unknownConnectorKeys(config, names)) {
    const message = `The configuration '${key}' was supplied but isn't a known config.`;
    logger.warn(`[${name}|worker] ${message}`);
  }
}

/** Definitions for `GET /connector-plugins/{plugin}/config`. */
export function pluginConfig(
  plugin: string,
  version: string | null,
  { registry, pool }: ValidationContext,
): Promise<ConfigValueInfo['definition'][]> {
  const { className, version: found } = requirePlugin(registry, plugin, version);
  return pool.callAside('pluginConfig', { className, version: found }, { timeoutMs });
}
