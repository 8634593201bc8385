import { readClientLogin } from '@tributary/kafka/security';
import { ConfigError } from '@tributary/sdk';
import { errorText, type Logger } from '../logger.ts';
import {
  type ConfigProviders,
  createConfigProviders,
  resolveConfig,
  resolveWorkerConfig,
} from './config-provider.ts';
import type { ProviderContext } from './config-providers/types.ts';
import { HiddenValues } from './hidden-values.ts';
import { hideInError, type Resolved } from './resolved-config.ts';

/** Resolves configs of connectors, and remembers the values so that no line of the log shows one. */
export class ConfigResolver {
  readonly #providers: ConfigProviders;
  readonly #known: HiddenValues;

  constructor(providers: ConfigProviders, known = new HiddenValues()) {
    this.#providers = providers;
    this.#known = known;
  }

  async resolve<V extends string | null>(
    config: Readonly<Record<string, V>>,
  ): Promise<Resolved<V>> {
    const found = await resolveConfig(config, this.#providers);
    this.#known.add(found.replaced);
    return found;
  }

  /** The same error, whose texts quote no value. */
  withoutValues(error: unknown): unknown {
    return hideInError(error, this.#known);
  }
}

/**
 * A worker's properties, ready for use, with what resolves the configs of its connectors. Everything that is logged from then on goes through `logger`, which
 * shows no value: lines of plugins come that way, too. ConfigError when providers or references are wrong.
 */
export async function prepareWorkerConfig(
  properties: Readonly<Record<string, string>>,
  options: { environment: ProviderContext['environment']; logger: Logger },
): Promise<{ config: Record<string, string>; resolver: ConfigResolver; logger: Logger }> {
  const known = new HiddenValues();
  const logger = hidingLogger(options.logger, (text) => known.hide(text));
  const providers = createConfigProviders(properties, { ...options, logger });
  const { config, replaced } = await resolveWorkerConfig(properties, providers);
  known.add(replaced);
  const ready = withClientLogin(config, options.environment);
  return { config: ready, resolver: new ConfigResolver(providers, known), logger };
}

/** As in Java, Kafka clients whose config does not say how to log in take the entry KafkaClient of the login configuration file that KAFKA_OPTS name. */
function withClientLogin(
  config: Record<string, string>,
  environment: ProviderContext['environment'],
): Record<string, string> {
  let login: string | null;
  try {
    login = readClientLogin(environment);
  } catch (cause) {
    throw new ConfigError((cause as Error).message, { cause });
  }
  if (login === null) return config;
  const keys = ['', 'producer.', 'consumer.', 'admin.'].map(
    (prefix) => `${prefix}sasl.jaas.config`,
  );
  return { ...Object.fromEntries(keys.map((key) => [key, login])), ...config };
}

function hidingLogger(logger: Logger, hide: (text: string) => string): Logger {
  const log =
    (level: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, error?: unknown): void => {
      if (!logger.isEnabled(level)) return;
      if (error === undefined) logger[level](hide(message));
      else logger[level](hide(message), hide(errorText(error)));
    };
  return {
    trace: log('trace'),
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    isEnabled: (level) => logger.isEnabled(level),
    child: (facts) => hidingLogger(logger.child(facts), hide),
  };
}
