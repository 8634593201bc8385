/** Worker keys for task hosts, which Kafka Connect does not have. 0, the default, stands for what fits the machine. (no I/O) */
import { availableParallelism } from 'node:os';
import { ConfigError, defineConfig, int, list, parseConfig, validator } from '@tributary/sdk';
import { defaultHostLimits, type HostLimits, memoryForHeap } from '../hosts/pool/host-limits.ts';

export const taskHostConfig = defineConfig(
  int('tributary.host.count', {
    default: 0,
    validator: zeroOrAtLeast(1),
    importance: 'LOW',
    doc: 'Task hosts that connectors share. 0: one per core.',
  }),
  int('tributary.host.heap.mb', {
    default: 0,
    validator: zeroOrAtLeast(64),
    importance: 'LOW',
    doc: "JavaScript heap of a task host in MiB. 0: an eighth of the machine's or container's memory, from 256 to 1024.",
  }),
  int('tributary.host.memory.mb', {
    default: 0,
    validator: zeroOrAtLeast(128),
    importance: 'LOW',
    doc: 'Resident memory in MiB at which a task host is ended. 0: the heap and a half, and 256.',
  }),
  int('tributary.host.stall.timeout.ms', {
    default: 10_000,
    min: 1000,
    importance: 'LOW',
    doc: 'A task host whose event loop stands still for longer is ended, and the connector that holds it up fails.',
  }),
  list('tributary.host.environment', {
    default: '',
    importance: 'LOW',
    doc: 'Names of environment variables that task hosts and their plugins may see, beside those that every process needs.',
  }),
);

export interface TaskHostSettings {
  readonly maxHosts: number;
  readonly limits: HostLimits;
  readonly environmentNames: readonly string[];
}

/** From the worker's config. ConfigError when a value is not valid. */
export function parseTaskHostSettings(config: Readonly<Record<string, string>>): TaskHostSettings {
  const keys = parseConfig(taskHostConfig, config);
  const defaults = defaultHostLimits();
  const heapMiB = keys['tributary.host.heap.mb'] || defaults.heapMiB;
  const memoryMiB = keys['tributary.host.memory.mb'];
  return {
    maxHosts: keys['tributary.host.count'] || availableParallelism(),
    limits: {
      ...defaults,
      heapMiB,
      maxRssBytes: memoryMiB === 0 ? memoryForHeap(heapMiB) : memoryMiB * 1024 * 1024,
      maxStallMs: keys['tributary.host.stall.timeout.ms'],
      slowTurnMs: Math.min(defaults.slowTurnMs, keys['tributary.host.stall.timeout.ms'] / 2),
    },
    environmentNames: keys['tributary.host.environment'],
  };
}

function zeroOrAtLeast(min: number): ReturnType<typeof validator> {
  return validator(`0 or [${min},...]`, (name, value) => {
    if (value !== 0 && (typeof value !== 'number' || value < min)) {
      throw new ConfigError(name, value, `Value must be 0 or at least ${min}`);
    }
  });
}
