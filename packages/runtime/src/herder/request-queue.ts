import { HerderError } from './errors.ts';

/**
 * Changes to one connector happen one after the other; those of different connectors do not wait for each other, so that one whose plugin hangs delays nobody else.
 * Bounded: at most `maxWaiting` calls wait per connector, more are refused. A call that has begun runs to its end.
 */
export class RequestQueue {
  readonly #tails = new Map<string, { last: Promise<unknown>; waiting: number }>();
  readonly #maxWaiting: number;
  #isClosed = false;

  constructor(options: { maxWaiting: number }) {
    this.#maxWaiting = options.maxWaiting;
  }

  run<T>(connector: string, call: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new HerderError(500, 'Worker is shutting down'));
    const tail = this.#tails.get(connector) ?? { last: Promise.resolve(), waiting: 0 };
    if (tail.waiting >= this.#maxWaiting) {
      return Promise.reject(
        new HerderError(
          500,
          `Connector ${connector} has ${tail.waiting} requests waiting already; try again when it has answered them`,
        ),
      );
    }
    tail.waiting += 1;
    this.#tails.set(connector, tail);
    const result = tail.last.then(() => {
      if (this.#isClosed) throw new HerderError(500, 'Worker is shutting down');
      return call();
    });
    const settled = result
      .catch(() => {})
      .then(() => {
        tail.waiting -= 1;
        if (tail.waiting === 0) this.#tails.delete(connector);
      });
    tail.last = settled;
    return result;
  }

  /** Refuses what waits and what comes; resolves when what has begun is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#tails.values()].map((tail) => tail.last));
  }
}
