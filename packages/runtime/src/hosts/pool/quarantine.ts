/**
 * Finds who ends its host when nothing names it: the runs of a lost host are suspects and start again in a few small groups, each in a host of its own; the group
 * whose host is lost is divided again, until one is alone and caught. Suspects are released when they have run well for a while. (no I/O)
 */
export interface Quarantine {
  /** The group of a suspect, null for a run above suspicion. */
  groupOf(key: string): number | null;
  /** The runs of a host that was lost for an unknown cause. Returns the one that is guilty, or null and the others are divided. */
  judge(keys: readonly string[], loss: { isKilledFromOutside: boolean }): string | null;
  /** Its guilt is known, or it was removed. */
  release(key: string): void;
}

interface Suspicion {
  readonly group: number;
  /** Hosts it was in when they were lost. */
  readonly losses: number;
  readonly until: number;
}

/** An operator may kill hosts again and again; only a run that the kernel takes for too large every time is to blame. */
const killsToProve = 10;

export function createQuarantine(options: {
  maxGroups: number;
  releaseMs: number;
  now?: () => number;
}): Quarantine {
  const { maxGroups, releaseMs, now = () => performance.now() } = options;
  const suspicions = new Map<string, Suspicion>();
  let lastGroup = 0;

  const current = (key: string): Suspicion | undefined => {
    const suspicion = suspicions.get(key);
    if (suspicion !== undefined && suspicion.until > now()) return suspicion;
    suspicions.delete(key);
    return undefined;
  };

  return {
    groupOf: (key) => current(key)?.group ?? null,
    judge(keys, { isKilledFromOutside }) {
      for (const key of suspicions.keys()) current(key);
      const [only] = keys;
      const lossesToProve = isKilledFromOutside ? killsToProve : 2;
      if (keys.length === 1 && only !== undefined) {
        const losses = (current(only)?.losses ?? 0) + 1;
        if (losses >= lossesToProve) {
          suspicions.delete(only);
          return only;
        }
      }
      const firstGroup = lastGroup + 1;
      const groups = Math.min(maxGroups, keys.length);
      lastGroup += groups;
      for (const [index, key] of keys.toSorted().entries()) {
        const losses = (current(key)?.losses ?? 0) + 1;
        const group = firstGroup + (index % groups);
        suspicions.set(key, { group, losses, until: now() + releaseMs });
      }
      return null;
    },
    release: (key) => void suspicions.delete(key),
  };
}
