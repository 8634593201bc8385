/**
 * Runs a story in a time of its own: timers, `Date` and `performance.now` of the whole process are replaced until the story ends. Time stands still while anything can run
 * and then jumps to the next timer, so that minutes take milliseconds and what happens depends on nothing but the code and its random numbers.
 * The story may wait for promises, timers and streams, not for sockets, files or threads.
 */
export async function runInVirtualTime<T>(limitMs: number, story: () => Promise<T>): Promise<T> {
  const timers = new Timers();
  const restore = timers.install();
  let end: { result: T } | { error: unknown } | undefined;
  try {
    story().then(
      (result) => {
        end = { result };
      },
      (error: unknown) => {
        end = { error };
      },
    );
    for (;;) {
      // All promises and ticks that are ready run before the next turn of the real event loop.
      await new Promise<void>((resolve) => realSetImmediate(resolve));
      if (end !== undefined) break;
      if (timers.nowMs - startMs > limitMs) throw new Error(`not over after ${limitMs} ms`);
      if (!timers.runNext()) throw new Error('waits for something that never comes');
    }
  } finally {
    restore();
  }
  if ('error' in end) throw end.error;
  return end.result;
}

const realSetImmediate = setImmediate;
/** When every story begins. */
export const startMs = 1_700_000_000_000;

interface Timer {
  readonly number: number;
  readonly run: () => void;
  readonly delayMs: number;
  readonly isRepeated: boolean;
  atMs: number;
}

class Timers {
  nowMs = startMs;
  #lastNumber = 0;
  readonly #waiting = new Map<number, Timer>();

  /** The earliest one; of those at the same time the one that was set first. */
  runNext(): boolean {
    let next: Timer | undefined;
    for (const timer of this.#waiting.values()) {
      if (next === undefined || timer.atMs < next.atMs) next = timer;
    }
    if (next === undefined) return false;
    this.nowMs = Math.max(this.nowMs, next.atMs);
    this.#waiting.delete(next.number);
    if (next.isRepeated) this.#wait(next);
    next.run();
    return true;
  }

  install(): () => void {
    const replaced: [object: object, name: string, was: PropertyDescriptor][] = [];
    const replace = (object: object, name: string, value: unknown): void => {
      const was = Object.getOwnPropertyDescriptor(object, name) ?? { configurable: true };
      replaced.push([object, name, was]);
      Object.defineProperty(object, name, { value, configurable: true, writable: true });
    };
    const clear = (handle: Handle | undefined | null): void => {
      if (handle) this.#waiting.delete(handle.number);
    };
    type Run = (...args: unknown[]) => void;
    replace(globalThis, 'setTimeout', (run: Run, delayMs = 1, ...args: unknown[]) =>
      this.#set(() => run(...args), Math.max(1, delayMs), false),
    );
    replace(globalThis, 'setInterval', (run: Run, delayMs = 1, ...args: unknown[]) =>
      this.#set(() => run(...args), Math.max(1, delayMs), true),
    );
    replace(globalThis, 'setImmediate', (run: Run, ...args: unknown[]) =>
      this.#set(() => run(...args), 0, false),
    );
    for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) {
      replace(globalThis, name, clear);
    }
    replace(
      globalThis,
      'Date',
      dateOf(() => this.nowMs),
    );
    replace(performance, 'now', () => this.nowMs - startMs);
    replace(AbortSignal, 'timeout', (delayMs: number) => {
      const controller = new AbortController();
      const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      this.#set(() => controller.abort(reason), delayMs, false);
      return controller.signal;
    });
    return () => {
      for (const [object, name, was] of replaced) Object.defineProperty(object, name, was);
    };
  }

  #set(run: () => void, delayMs: number, isRepeated: boolean): Handle {
    const timer = { number: ++this.#lastNumber, run, delayMs, isRepeated, atMs: 0 };
    this.#wait(timer);
    return new Handle(timer.number, () => this.#wait(timer));
  }

  #wait(timer: Timer): void {
    timer.atMs = this.nowMs + timer.delayMs;
    this.#waiting.set(timer.number, timer);
  }
}

/** What `setTimeout` returns. */
class Handle {
  readonly number: number;
  readonly #again: () => void;

  constructor(number: number, again: () => void) {
    this.number = number;
    this.#again = again;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.#again();
    return this;
  }
}

function dateOf(now: () => number): typeof Date {
  return new Proxy(Date, {
    construct: (target, args: number[]) =>
      args.length === 0 ? new target(now()) : new target(...(args as [number])),
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown),
  });
}
