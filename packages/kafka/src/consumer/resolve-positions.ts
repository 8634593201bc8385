import type { Cluster } from '../cluster.ts';
import { type ConsumerSettings, durationMs } from '../config.ts';
import { clientError } from '../errors.ts';
import type { Coordinator } from '../group/coordinator.ts';
import { fetchCommitted } from './committed-offsets.ts';
import { type ListedOffsets, leaderOf, listOffsets } from './list-offsets.ts';
import type { PartitionState, Positions } from './positions.ts';
import { validatePositions } from './validate-positions.ts';

/** Finds the positions that are not known: committed, else by `auto.offset.reset`; and validates those that a new leader may not have. */
export class PositionResolver {
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #positions: Positions;
  /** The last try to list offsets failed in a way that a newer leader may mend. */
  #isLeaderStale = false;

  constructor(cluster: Cluster, settings: ConsumerSettings, positions: Positions) {
    this.#cluster = cluster;
    this.#settings = settings;
    this.#positions = positions;
  }

  /** One try. What can be found is taken even when it rejects because of others. */
  async resolve(coordinator: Coordinator, signal: AbortSignal): Promise<void> {
    const validated = validatePositions(this.#cluster, this.#positions, this.#settings, signal);
    const [found, valid] = await Promise.allSettled([this.#find(coordinator, signal), validated]);
    if (found.status === 'rejected') throw found.reason;
    if (valid.status === 'rejected') throw valid.reason;
  }

  async #find(coordinator: Coordinator, signal: AbortSignal): Promise<void> {
    const unknown = [...this.#positions.states()].filter(({ position }) => position === null);
    const uncommitted = unknown.filter((state) => !state.isResetDue);
    if (uncommitted.length > 0) {
      const groupId = this.#settings['group.id'];
      const committed = await fetchCommitted(coordinator, groupId, uncommitted, signal);
      for (const state of uncommitted) {
        if (!this.#isUnresolved(state)) continue;
        const known = committed.get(state.key);
        if (known === undefined) state.isResetDue = true;
        else this.#positions.seek(state, known.offset, { leaderEpoch: known.leaderEpoch });
      }
    }
    const toReset = unknown.filter((state) => this.#isUnresolved(state) && state.isResetDue);
    if (toReset.length === 0) return;
    const { found, errors } = await this.#listResetOffsets(toReset, signal);
    for (const state of toReset) {
      const listed = found.get(state.key);
      if (listed === undefined || !this.#isUnresolved(state)) continue;
      const { offset, leaderEpoch } = listed;
      this.#positions.seek(state, offset, { leaderEpoch, isFromLeader: true });
    }
    const error = errors.find(({ isRetriable }) => !isRetriable) ?? errors[0];
    if (error !== undefined) throw error;
  }

  /** Still assigned, as then, and not sought to elsewhere. */
  #isUnresolved(state: PartitionState): boolean {
    return this.#positions.has(state) && state.position === null;
  }

  async #listResetOffsets(
    states: readonly PartitionState[],
    signal: AbortSignal,
  ): Promise<ListedOffsets> {
    const policy = this.#settings['auto.offset.reset'];
    const names = states.map(({ topic, partition }) => `${topic}-${partition}`).join(', ');
    if (policy === 'none') {
      throw clientError(
        'NO_OFFSET',
        `Undefined offset with no reset policy for partitions: ${names}`,
      );
    }
    const topics = [...new Set(states.map(({ topic }) => topic))];
    const isLeaderMissing = states.some((state) => leaderOf(this.#cluster, state) < 0);
    if (this.#isLeaderStale || isLeaderMissing) {
      await this.#cluster.refresh(topics, { allowCreation: false });
    }
    for (const state of states) {
      const topic = this.#cluster.topic(state.topic);
      if (topic !== undefined) this.#positions.noteLeader(state, topic);
    }
    const options = { isolation: isolationOf(this.#settings), signal };
    const at = resetPoint(policy);
    const listed = await listOffsets(this.#cluster, states, at, options);
    // Nothing is as new as that: what comes next is.
    const missing = states.filter(({ key }) => listed.found.get(key)?.offset === -1n);
    if (missing.length > 0) {
      const ends = await listOffsets(this.#cluster, missing, 'latest', options);
      for (const { key } of missing) listed.found.delete(key);
      for (const [key, offset] of ends.found) listed.found.set(key, offset);
      listed.errors.push(...ends.errors);
    }
    this.#isLeaderStale = listed.errors.length > 0;
    return listed;
  }
}

/** `isolation.level` as requests have it. */
export function isolationOf(settings: Pick<ConsumerSettings, 'isolation.level'>): 0 | 1 {
  return settings['isolation.level'] === 'read_committed' ? 1 : 0;
}

function resetPoint(policy: string): 'earliest' | 'latest' | number {
  if (policy === 'earliest' || policy === 'latest') return policy;
  return Date.now() - durationMs(policy.slice('by_duration:'.length));
}
