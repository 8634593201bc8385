import type { HostEnd } from '../host.ts';
import type { HostReport, Suspect } from '../report-lines.ts';

export interface EndFacts {
  readonly code: number | null;
  readonly signal: string | null;
  /** Given to `Host.end`, null when the host ended without the worker. */
  readonly endedFor: string | null;
  /** The host's own last words, null when it had none. */
  readonly lastWords: Exclude<HostReport, { kind: 'tick' | 'slowTurn' }> | null;
  readonly lastTick: Extract<HostReport, { kind: 'tick' }> | null;
  /** The last lines of its standard error. */
  readonly errorLines: readonly string[];
  readonly heapLimitMiB: number;
}

/** A turn of the event loop this long inside one run's call is proof; a shorter one may be anybody's. */
const proofMs = 1000;

/** From what is left of a host to the reason of its end and, where there is proof, who caused it. (no I/O) */
export function explainEnd(facts: EndFacts): HostEnd {
  const { lastWords, lastTick } = facts;
  if (facts.endedFor !== null && lastWords === null) {
    return { reason: facts.endedFor, suspect: null, isKilledFromOutside: false };
  }
  if (lastWords !== null) {
    return {
      reason: reasonOf(lastWords),
      suspect: proofIn(lastWords, lastTick),
      isKilledFromOutside: false,
    };
  }
  if (facts.errorLines.some((line) => line.includes('heap out of memory'))) {
    return {
      reason: `its JavaScript heap passed the limit of ${facts.heapLimitMiB} MiB`,
      suspect: stalledIn(lastTick),
      isKilledFromOutside: false,
    };
  }
  const how =
    facts.signal === null ? `it exited with code ${facts.code}` : `it was ended by ${facts.signal}`;
  const words = facts.errorLines.find((line) => line.trim() !== '' && !line.startsWith('#'));
  return {
    reason: words === undefined ? how : `${how}: ${words.trim()}`,
    suspect: facts.signal === 'SIGKILL' ? null : stalledIn(lastTick),
    isKilledFromOutside: facts.signal === 'SIGKILL',
  };
}

function reasonOf(words: NonNullable<EndFacts['lastWords']>): string {
  switch (words.kind) {
    case 'memory':
      return `its resident memory ${memoryText(words.rssBytes)} passed the limit of ${memoryText(words.limitBytes)}`;
    case 'stalled':
      return `its event loop stood still for ${(words.stalledMs / 1000).toFixed(1)} s`;
    case 'exit':
      return words.reason;
  }
}

function proofIn(
  words: NonNullable<EndFacts['lastWords']>,
  lastTick: EndFacts['lastTick'],
): Suspect | null {
  if (words.runId === null) return null;
  return words.kind === 'memory' ? stalledIn(lastTick) : words;
}

function stalledIn(tick: EndFacts['lastTick']): Suspect | null {
  return tick !== null && tick.runId !== null && tick.stalledMs >= proofMs ? tick : null;
}

function memoryText(bytes: number): string {
  const mebibytes = bytes / 1024 / 1024;
  return mebibytes < 1024 ? `${Math.round(mebibytes)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}
