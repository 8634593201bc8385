import { totalmem } from 'node:os';

export interface HostLimits {
  readonly heapMiB: number;
  /** Resident memory, Buffers and native memory included. */
  readonly maxRssBytes: number;
  /** One turn of the event loop; a host that stands still for longer is killed. */
  readonly maxStallMs: number;
  /** The same where a plugin has declared that its driver blocks: as long as Kafka waits for a `put` (`max.poll.interval.ms`). */
  readonly maxBlockingMs: number;
  /** Named in the log. */
  readonly slowTurnMs: number;
  /** Until it answers for the first time. */
  readonly startTimeoutMs: number;
}

const mebibyte = 1024 * 1024;

export function defaultHostLimits(machineBytes: number = machineMemory()): HostLimits {
  const heapMiB = clamp(Math.floor(machineBytes / mebibyte / 8), 256, 1024);
  return {
    heapMiB,
    maxRssBytes: memoryForHeap(heapMiB),
    maxStallMs: 10_000,
    maxBlockingMs: 300_000,
    slowTurnMs: 5000,
    startTimeoutMs: 30_000,
  };
}

/** Room for Buffers and native memory beside the heap. */
export function memoryForHeap(heapMiB: number): number {
  return (heapMiB * 1.5 + 256) * mebibyte;
}

/** What a container allows, where that is less than the machine has. */
function machineMemory(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
