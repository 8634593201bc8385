/** What is on its way to each broker, and whether more may follow. (no I/O) */

interface BrokerState {
  inFlight: number;
  /** Since when a request is out without any answer having come; null when none is. */
  waitingSinceMs: number | null;
  /** Epoch milliseconds before which nothing is sent: the broker enforces a quota. */
  notBeforeMs: number;
}

export class BrokerRequests {
  readonly #mostInFlight: number;
  readonly #brokers = new Map<number, BrokerState>();

  /** `mostInFlight`: requests to one broker. */
  constructor(mostInFlight: number) {
    this.#mostInFlight = mostInFlight;
  }

  /** In how many milliseconds a request may go out: 0 at once, Infinity when an answer has come. */
  waitMs(broker: number, nowMs: number): number {
    const state = this.#brokers.get(broker);
    if (state === undefined) return 0;
    if (state.inFlight >= this.#mostInFlight) return Number.POSITIVE_INFINITY;
    return Math.max(state.notBeforeMs - nowMs, 0);
  }

  noteSent(broker: number, nowMs: number): void {
    let state = this.#brokers.get(broker);
    if (state === undefined) {
      state = { inFlight: 0, waitingSinceMs: null, notBeforeMs: 0 };
      this.#brokers.set(broker, state);
    }
    state.inFlight++;
    state.waitingSinceMs ??= nowMs;
  }

  /** A request has ended; without an answer the broker goes on counting as one that does not answer. */
  noteEnded(broker: number, isAnswered: boolean, nowMs: number): void {
    const state = this.#brokers.get(broker);
    if (state === undefined) return;
    state.inFlight--;
    if (isAnswered) state.waitingSinceMs = state.inFlight > 0 ? nowMs : null;
  }

  /** The broker wants nothing for so long. It would not read what came earlier, and the request would time out. Source: KIP-219. */
  throttle(broker: number, throttleMs: number, nowMs: number): void {
    const state = this.#brokers.get(broker);
    if (state !== undefined) state.notBeforeMs = Math.max(state.notBeforeMs, nowMs + throttleMs);
  }

  /** It has not answered for longer than `limitMs`. */
  isStalled(broker: number, limitMs: number, nowMs: number): boolean {
    const since = this.#brokers.get(broker)?.waitingSinceMs ?? null;
    return since !== null && nowMs - since > limitMs;
  }
}
