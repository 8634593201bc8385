/** Lets `burst` through at once and `perSecond` from then on; counts what it refused. */
export interface TokenBucket {
  take(): boolean;
  /** Refused since the last call. */
  takeDropped(): number;
}

export function createTokenBucket(options: {
  burst: number;
  perSecond: number;
  now?: () => number;
}): TokenBucket {
  const { burst, perSecond, now = () => performance.now() } = options;
  let tokens = burst;
  let filledAt = now();
  let dropped = 0;
  return {
    take() {
      const at = now();
      tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond);
      filledAt = at;
      if (tokens < 1) {
        dropped++;
        return false;
      }
      tokens--;
      return true;
    },
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}
