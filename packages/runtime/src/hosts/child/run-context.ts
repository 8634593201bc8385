import { AsyncLocalStorage } from 'node:async_hooks';
import { watchedMethods, watchFields } from './watch-fields.ts';

/** Whose code runs now: every task and connector runs in a context of its own, and timers, promises and callbacks carry it along. */
export interface RunContext {
  /** 0 for a call without a run (`validate` and the like). */
  readonly runId: number;
  /** In front of log lines: `[orders|task-0] `. */
  readonly logContext: string;
  /** The plugin's methods that have not returned, or whose promise has not settled, the latest last. */
  readonly calls: string[];
}

const contexts = new AsyncLocalStorage<RunContext>();
const watch = new Int32Array(new SharedArrayBuffer(watchFields.count * 4));
watch[watchFields.runId] = -1;

export function watchedMemory(): Int32Array<SharedArrayBuffer> {
  return watch;
}

export function currentRun(): RunContext | undefined {
  return contexts.getStore();
}

export function inRun<T>(context: RunContext, call: () => T): T {
  return contexts.run(context, call);
}

/** Marks what is on the stack while `call` runs, for the guard thread. `method` is one of `watchedMethods`, or says in words what runs. */
export function inPluginCall<T>(method: string, call: () => T): T {
  const run = contexts.getStore();
  if (run === undefined) return call();
  const outerRunId = watch[watchFields.runId] ?? -1;
  const outerMethod = watch[watchFields.method] ?? 0;
  const index = watchedMethods.indexOf(method as (typeof watchedMethods)[number]);
  const name = index < 0 ? method : `${method}()`;
  mark(run.runId, index);
  run.calls.push(name);
  const settle = (): void => {
    run.calls.splice(run.calls.lastIndexOf(name), 1);
  };
  try {
    const result = call();
    if (result instanceof Promise) result.then(settle, settle);
    else settle();
    return result;
  } catch (error) {
    settle();
    throw error;
  } finally {
    mark(outerRunId, outerMethod);
  }
}

/** Puts a mark on each watched method of a plugin's object, which stays the same object. */
export function watchPlugin<T extends object>(plugin: T): T {
  for (const method of watchedMethods) {
    const original = (plugin as Record<string, unknown>)[method];
    if (typeof original !== 'function') continue;
    const watched = (...args: unknown[]): unknown =>
      inPluginCall(method, () => original.apply(plugin, args));
    // A frozen object stays as it is: its run is still found by its context.
    Reflect.defineProperty(plugin, method, { value: watched, configurable: true, writable: true });
  }
  return plugin;
}

function mark(runId: number, method: number): void {
  watch[watchFields.method] = method;
  watch[watchFields.runId] = runId;
}
