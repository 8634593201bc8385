import { errorByCode } from '@tributary/wire';
import type { Cluster } from '../cluster.ts';
import type { ConsumerSettings } from '../config.ts';
import { brokerError } from '../errors.ts';

/** The topics that a consumer subscribed to by name or by pattern, and what is known of them. */
export class Subscription {
  readonly #cluster: Cluster;
  readonly #settings: ConsumerSettings;
  readonly #missing = new Set<string>();
  #wanted: readonly string[] | RegExp = [];
  #topics: readonly string[] = [];
  /** Partition counts that the leader assigned by; a change means a new round. */
  #assignedCounts = '';

  constructor(cluster: Cluster, settings: ConsumerSettings) {
    this.#cluster = cluster;
    this.#settings = settings;
  }

  /** Of a pattern: those that the last refresh found. */
  get topics(): readonly string[] {
    return this.#topics;
  }

  /** Topics subscribed by name are not all there yet. */
  get isTopicMissing(): boolean {
    return this.#missing.size > 0;
  }

  set(wanted: readonly string[] | RegExp): void {
    this.#wanted = wanted;
    this.#topics = wanted instanceof RegExp ? [] : [...wanted];
  }

  async refresh(): Promise<void> {
    const wanted = this.#wanted;
    if (wanted instanceof RegExp) {
      const flags = wanted.flags.replace(/[gy]/g, '');
      const whole = new RegExp(`^(?:${wanted.source})$`, flags);
      const all = await this.#cluster.listTopics();
      const excludesInternal = this.#settings['exclude.internal.topics'];
      if (wanted !== this.#wanted) return;
      this.#topics = [...all]
        .filter(([name, { isInternal }]) => whole.test(name) && !(isInternal && excludesInternal))
        .map(([name]) => name)
        .sort();
    }
    const topics = this.#topics;
    await this.#fetchMetadata(topics);
    if (topics === this.#topics) this.#noteMissing();
  }

  /** As leader of the group: how many partitions these topics have. Topics that are not there are left out. */
  async countPartitions(topics: readonly string[]): Promise<Map<string, number>> {
    await this.#fetchMetadata(topics);
    const counts = this.#countsOf(topics);
    this.#assignedCounts = describe(counts);
    return counts;
  }

  /** As leader of the group: whether others would be counted now than when it assigned. */
  areCountsChanged(): boolean {
    const assigned = this.#assignedCounts
      .split(' ')
      .map((entry) => entry.slice(0, entry.lastIndexOf(':')));
    return describe(this.#countsOf([...assigned, ...this.#topics])) !== this.#assignedCounts;
  }

  async #fetchMetadata(topics: readonly string[]): Promise<void> {
    // What matched a pattern was there; what is gone since was deleted.
    const isPattern = this.#wanted instanceof RegExp;
    const allowCreation = this.#settings['allow.auto.create.topics'] && !isPattern;
    await this.#cluster.refresh(topics, { allowCreation });
  }

  #countsOf(topics: readonly string[]): Map<string, number> {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      const count = this.#cluster.topic(topic)?.partitions.length;
      if (count !== undefined) counts.set(topic, count);
    }
    return counts;
  }

  /** Topics that are subscribed by name and not there yet are looked for; those that cannot be read fail the poll. */
  #noteMissing(): void {
    const missing = this.#topics.filter((topic) => this.#cluster.topic(topic) === undefined);
    for (const topic of missing) {
      const code = this.#cluster.topicError(topic);
      if (code !== 0 && !errorByCode(code).isRetriable) {
        throw brokerError(code, `Cannot consume topic "${topic}"`);
      }
      if (this.#missing.has(topic)) continue;
      this.#cluster.logger.warn(
        `Topic "${topic}" does not exist yet; looking for it until it does`,
      );
    }
    this.#missing.clear();
    for (const topic of missing) this.#missing.add(topic);
  }
}

function describe(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([topic, count]) => `${topic}:${count}`)
    .sort()
    .join(' ');
}
