/** What is said of a lost host: the trace of the run that is to blame, and of those that died with it. */
import type { HostEnd } from '../host.ts';
import type { Suspect } from '../report-lines.ts';

interface LostHost {
  readonly hostId: number;
  /** Null: it was no process of its own. */
  readonly pid: number | null;
}

interface LostRun {
  readonly runId: number;
  readonly name: string;
}

const traceStart = 'org.apache.kafka.connect.errors.ConnectException: ';

/** `culprit` null: `runs` died with it and nobody knows by whose fault. */
export function lossTrace(
  { hostId, pid }: LostHost,
  end: HostEnd,
  runs: readonly LostRun[],
  culprit: LostRun | null,
): string {
  const who = pid === null ? '' : ` (pid ${pid})`;
  const lost = `${traceStart}Task host ${hostId}${who} was lost: ${end.reason}`;
  if (culprit === null) {
    const names = runs.map((run) => `"${run.name}"`).join(', ');
    return runs.length < 2 ? lost : `${lost}; it is not known which of ${names} caused it`;
  }
  if (end.suspect !== null && end.suspect.runId === culprit.runId) {
    return lost + whileText(culprit, end.suspect);
  }
  return `${lost}; "${culprit.name}" ran there alone after it had been in a lost host before`;
}

/** What the suspect was at, to stand behind the reason. */
export function whileText(run: LostRun, suspect: Suspect): string {
  const call = suspect.call === null ? 'was running' : `was in ${suspect.call}`;
  const place = suspect.place === undefined ? '' : ` at ${suspect.place}`;
  return ` while "${run.name}" ${call}${place}`;
}

/** The trace without the name of Java's exception. */
export function messageIn(trace: string): string {
  return trace.startsWith(traceStart) ? trace.slice(traceStart.length) : trace;
}
