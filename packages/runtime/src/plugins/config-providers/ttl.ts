import { ConfigError } from '@tributary/sdk';

const param = 'ttl.ms';

/** Parameter `ttl.ms` of the providers that read files, Tributary's own: after so many milliseconds the values are read again. */
export function parseTtl(params: Readonly<Record<string, string>>): number | null {
  const raw = params[param]?.trim() ?? '';
  if (raw === '') return null;
  const ttlMs = Number(raw);
  if (Number.isSafeInteger(ttlMs) && ttlMs >= 1000) return ttlMs;
  throw new ConfigError(param, raw, 'must be a number of milliseconds, at least 1000');
}
