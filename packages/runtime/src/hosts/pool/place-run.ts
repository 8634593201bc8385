/** What the choice of a host depends on. (no I/O) */
export interface HostLoad {
  readonly hostId: number;
  /** Only for runs of this group; null: for everybody. */
  readonly group: string | null;
  readonly tasks: number;
  readonly connectors: number;
}

/**
 * The host that gets a run, or null when a new one is to be started. A run with a group shares its host with that group alone. Tasks spread over up to
 * `maxHosts` hosts before two share one; connectors, which do little, start a host only when there is none.
 */
export function placeRun(
  hosts: readonly HostLoad[],
  run: { isTask: boolean; group: string | null },
  maxHosts: number,
): number | null {
  const candidates = hosts.filter((host) => host.group === run.group);
  const [least] = candidates.toSorted(
    (a, b) => a.tasks - b.tasks || a.connectors - b.connectors || a.hostId - b.hostId,
  );
  if (least === undefined) return null;
  const isWorthANewHost =
    run.group === null && run.isTask && least.tasks > 0 && candidates.length < maxHosts;
  return isWorthANewHost ? null : least.hostId;
}
