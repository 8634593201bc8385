export interface RefreshSettings {
  readonly 'sasl.login.refresh.window.factor': number;
  readonly 'sasl.login.refresh.window.jitter': number;
  readonly 'sasl.login.refresh.min.period.seconds': number;
  readonly 'sasl.login.refresh.buffer.seconds': number;
}

/** From when on a token is replaced. `random` lies between 0 and 1. (no I/O) Source: Kafka `ExpiringCredentialRefreshingLogin`. */
export function refreshAtMs(
  fetchedAtMs: number,
  expiresAtMs: number,
  settings: RefreshSettings,
  random: number,
): number {
  const share =
    settings['sasl.login.refresh.window.factor'] +
    settings['sasl.login.refresh.window.jitter'] * random;
  const windowed = fetchedAtMs + (expiresAtMs - fetchedAtMs) * share;
  const minPeriodMs = settings['sasl.login.refresh.min.period.seconds'] * 1000;
  const bufferMs = settings['sasl.login.refresh.buffer.seconds'] * 1000;
  // A token that lives for less than both has no room for them.
  if (expiresAtMs - fetchedAtMs < minPeriodMs + bufferMs) return windowed;
  return Math.max(Math.min(windowed, expiresAtMs - bufferMs), fetchedAtMs + minPeriodMs);
}
