/**
 * A thread of the task host that works while the main thread does not: it ends the host (and what it started) when the control process is gone,
 * when the event loop stands still for too long or when resident memory passes its limit, and says on a pipe of its own why, and who was at it.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { encodeReport, type HostReport, type Suspect } from '../report-lines.ts';
import { findSpinner } from './find-spinner.ts';
import { watchedMethods, watchFields } from './watch-fields.ts';

export interface GuardSettings {
  readonly watch: Int32Array<SharedArrayBuffer>;
  readonly controlPid: number;
  readonly reportFd: number;
  /** The host is ended when one turn of its event loop takes longer. */
  readonly maxStallMs: number;
  /** Named in the log. */
  readonly slowTurnMs: number;
  readonly maxRssBytes: number;
}

const intervalMs = 100;
const ticksPerReport = 5;

const { watch, controlPid, reportFd, maxStallMs, slowTurnMs, maxRssBytes } =
  workerData as GuardSettings;
/** A turn this long is worth asking the main thread who spins. */
const askAfterMs = Math.min(1000, maxStallMs / 3);

let tick = 0;
let lastBeat = -1;
let stalledMs = 0;
let lastLookAt = performance.now();
let isSlowTurnReported = false;
let found: Suspect | null = null;
let isAsking = false;

setInterval(look, intervalMs);

function look(): void {
  if (process.ppid !== controlPid) endHost();
  measureStall();
  const rssBytes = process.memoryUsage.rss();
  if (rssBytes > maxRssBytes) {
    report({ kind: 'memory', rssBytes, limitBytes: maxRssBytes, ...suspect() });
    endHost();
  }
  if (stalledMs > maxStallMs) {
    report({ kind: 'stalled', stalledMs: Math.round(stalledMs), ...suspect() });
    endHost();
  }
  if (stalledMs > slowTurnMs && !isSlowTurnReported) {
    isSlowTurnReported = true;
    report({ kind: 'slowTurn', stalledMs: Math.round(stalledMs), ...suspect() });
  }
  if (tick++ % ticksPerReport === 0) {
    report({ kind: 'tick', rssBytes, stalledMs: Math.round(stalledMs), ...suspect() });
  }
}

/** Only time in which this thread ran is counted: a machine that slept has stalled nobody. */
function measureStall(): void {
  const now = performance.now();
  const elapsed = Math.min(now - lastLookAt, 3 * intervalMs);
  lastLookAt = now;
  const beat = Atomics.load(watch, watchFields.beat);
  if (beat !== lastBeat) {
    lastBeat = beat;
    stalledMs = 0;
    isSlowTurnReported = false;
    found = null;
    return;
  }
  stalledMs += elapsed;
  if (stalledMs > askAfterMs && found === null && !isAsking) void ask(beat);
}

async function ask(beat: number): Promise<void> {
  isAsking = true;
  const answer = await findSpinner();
  isAsking = false;
  if (answer !== null && Atomics.load(watch, watchFields.beat) === beat) found = answer;
}

/** What the spinning code itself answered, else what is marked as being on the stack. */
function suspect(): Suspect {
  if (found !== null) return found;
  const runId = Atomics.load(watch, watchFields.runId);
  if (runId < 0) return { runId: null, call: null };
  const method = watchedMethods[Atomics.load(watch, watchFields.method)];
  return { runId, call: method === undefined ? null : `${method}()` };
}

function report(line: HostReport): void {
  try {
    writeSync(reportFd, encodeReport(line));
  } catch (error) {
    // The other end of the pipe is the control process.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') endHost();
  }
}

/** The host leads a process group of its own: what a plugin started ends with it. */
function endHost(): never {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
  throw new Error('killed');
}
