import { errorByCode } from '@tributary/wire';
import type { Cluster } from '../cluster.ts';
import { isKafkaError } from '../errors.ts';
import { sleep } from '../timers.ts';
import type { KafkaError } from '../types.ts';

/** A topic that nobody asked for in this time is no longer looked for. */
const wantedForMs = 60_000;

/** Fetches metadata, one request at a time and with back-off, until each topic that was asked for has leaders, or an error that lasts. */
export class TopicFinder {
  readonly #cluster: Cluster;
  readonly #onNews: () => void;
  /** Each with when somebody asked last. */
  readonly #wanted = new Map<string, number>();
  #isFetching = false;
  #error: KafkaError | null = null;

  /** `onNews`: metadata was fetched, or could not be. Whoever still waits for a topic asks for it again. */
  constructor(cluster: Cluster, onNews: () => void) {
    this.#cluster = cluster;
    this.#onNews = onNews;
  }

  /** Why metadata cannot be fetched, when waiting does not mend it: a wrong password, for one. */
  get error(): KafkaError | null {
    return this.#error;
  }

  want(topic: string): void {
    this.#wanted.set(topic, Date.now());
    void this.refresh();
  }

  async refresh(): Promise<void> {
    if (this.#isFetching) return;
    this.#isFetching = true;
    const { closed } = this.#cluster;
    try {
      for (let attempt = 0; !closed.aborted; attempt++) {
        await this.#fetchOnce();
        this.#forgetFound();
        this.#onNews();
        if (this.#wanted.size === 0) return;
        await sleep(this.#cluster.retryDelayMs(attempt), closed);
      }
    } catch {
      // Closed while waiting.
    } finally {
      this.#isFetching = false;
    }
  }

  async #fetchOnce(): Promise<void> {
    try {
      await this.#cluster.refresh([...this.#wanted.keys()], { allowCreation: true });
      this.#error = null;
    } catch (error) {
      if (!isKafkaError(error) || error.isRetriable) return;
      if (this.#error?.message !== error.message) {
        this.#cluster.logger.error(`Cannot fetch metadata: ${error.message}`);
      }
      this.#error = error;
    }
  }

  #forgetFound(): void {
    const nowMs = Date.now();
    for (const [topic, askedAt] of this.#wanted) {
      const code = this.#cluster.topicError(topic);
      const partitions = this.#cluster.topic(topic)?.partitions;
      const isFound = partitions?.every(({ leader }) => leader >= 0) ?? false;
      const isRefused = code !== 0 && !errorByCode(code).isRetriable;
      if (isFound || isRefused || nowMs - askedAt > wantedForMs) this.#wanted.delete(topic);
    }
  }
}
