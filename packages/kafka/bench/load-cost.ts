import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What importing a module adds to a process that has imported nothing yet. */
export interface LoadCost {
  readonly elapsedMs: number;
  readonly cpuMs: number;
  readonly residentMiB: number;
  readonly heapMiB: number;
  /** Node's own modules that were loaded for it. */
  readonly builtins: readonly string[];
}

/** `import()` of nothing costs a MiB, too; it is measured in turn with the module and taken off. */
const nothing = 'data:text/javascript,';

const script = `
  const modules = new Set(process.moduleLoadList);
  const memory = process.memoryUsage(), cpu = process.cpuUsage(), start = performance.now();
  await import(process.argv[1]);
  const elapsedMs = performance.now() - start, { user, system } = process.cpuUsage(cpu);
  const { rss, heapUsed } = process.memoryUsage();
  console.log(JSON.stringify({
    elapsedMs,
    cpuMs: (user + system) / 1000,
    residentMiB: (rss - memory.rss) / 2 ** 20,
    heapMiB: (heapUsed - memory.heapUsed) / 2 ** 20,
    builtins: process.moduleLoadList.filter((name) => !modules.has(name)),
  }));`;

/** Medians over fresh processes, each of which loads the built module at `url`. */
export async function measureLoad(url: string, rounds: number): Promise<LoadCost> {
  const loaded: LoadCost[] = [];
  const empty: LoadCost[] = [];
  for (let round = 0; round < rounds; round++) {
    empty.push(await loadOnce(nothing));
    loaded.push(await loadOnce(url));
  }
  const added = (key: 'elapsedMs' | 'cpuMs' | 'residentMiB' | 'heapMiB'): number =>
    median(loaded.map((cost) => cost[key])) - median(empty.map((cost) => cost[key]));
  return {
    elapsedMs: added('elapsedMs'),
    cpuMs: added('cpuMs'),
    residentMiB: added('residentMiB'),
    heapMiB: added('heapMiB'),
    builtins: (loaded[0] as LoadCost).builtins,
  };
}

async function loadOnce(url: string): Promise<LoadCost> {
  const args = ['--input-type=module', '-e', script, url];
  const env = { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: '' };
  return JSON.parse((await run(process.execPath, args, { env })).stdout);
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
