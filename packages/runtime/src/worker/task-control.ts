import type { TargetState } from '../herder/herder.ts';

/**
 * What the outside wants of a task, for its spine to look at. A task runs, is paused or stops; it never comes back from stopping.
 * `cancel` follows a stop that took too long: the run is abandoned, and nothing it still does may have an effect that others see.
 */
export class TaskControl {
  #isPaused: boolean;
  #phase = new AbortController();
  readonly #stop = new AbortController();
  readonly #cancel = new AbortController();

  constructor(targetState: TargetState) {
    this.#isPaused = targetState !== 'STARTED';
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get isStopping(): boolean {
    return this.#stop.signal.aborted;
  }

  get isCancelled(): boolean {
    return this.#cancel.signal.aborted;
  }

  /** Aborts on stop. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  /** Aborts on the next pause, resume or stop, or when the spine interrupts itself; ask for it anew afterwards. */
  get phase(): AbortSignal {
    if (this.#phase.signal.aborted && !this.isStopping) this.#phase = new AbortController();
    return this.#phase.signal;
  }

  /** Tasks are never STOPPED: they wait for their removal as if paused. */
  setTargetState(state: TargetState): void {
    const isPaused = state !== 'STARTED';
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    this.interrupt();
  }

  interrupt(): void {
    this.#phase.abort();
  }

  stop(): void {
    this.#stop.abort();
    this.#phase.abort();
  }

  cancel(): void {
    this.stop();
    this.#cancel.abort();
  }

  /** Resolves when the task is to run or to stop. */
  async untilResumed(): Promise<void> {
    while (this.#isPaused && !this.isStopping) await untilAborted(this.phase);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
