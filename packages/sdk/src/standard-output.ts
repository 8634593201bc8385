const key: unique symbol = Symbol.for('tributary.standardOutputFd') as never;

/**
 * File descriptor of the worker's own standard output, for plugins whose data goes there: write whole lines, wait for each write, and never close it.
 * What a plugin prints with `console` or `process.stdout` is its log, which is bounded in rate; outside of a task host this is 1.
 */
export function standardOutputFd(): number {
  return (globalThis as { [key]?: number })[key] ?? 1;
}

/** For the process that runs plugins, before it loads them. */
export function provideStandardOutputFd(fd: number): void {
  (globalThis as { [key]?: number })[key] = fd;
}
