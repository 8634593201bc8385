import { isKafkaError } from '../../errors.ts';
import type { AccessToken } from './access-token.ts';
import { type RefreshSettings, refreshAtMs } from './refresh-time.ts';
import type { TokenSource } from './token-source.ts';

/**
 * Keeps a token for all connections of a client and replaces it when a connection is opened in its last part, as `sasl.login.refresh.*` say.
 * While the source is in trouble the old one is used as long as it is good. Callers at the same time share one request.
 */
export function cacheToken(
  source: TokenSource,
  settings: RefreshSettings,
  now: () => number = Date.now,
  random: () => number = Math.random,
): TokenSource {
  let current: AccessToken | null = null;
  let refreshAt = 0;
  let fetching: Promise<AccessToken> | null = null;

  const replace = async (signal?: AbortSignal): Promise<AccessToken> => {
    try {
      const fetchedAt = now();
      const token = await source(signal);
      current = token;
      refreshAt = refreshAtMs(fetchedAt, token.expiresAtMs, settings, random());
      return token;
    } catch (error) {
      const isStillGood = current !== null && current.expiresAtMs > now();
      if (isStillGood && isKafkaError(error) && error.isRetriable) return current as AccessToken;
      throw error;
    } finally {
      fetching = null;
    }
  };

  return (signal) => {
    if (current !== null && now() < Math.min(refreshAt, current.expiresAtMs)) {
      return Promise.resolve(current);
    }
    fetching ??= replace(signal);
    return fetching;
  };
}
