/** What a host says of itself on a pipe of its own, one JSON object per line, also while its main thread spins. (no I/O) */
export type HostReport =
  /** Twice a second. */
  | ({ kind: 'tick'; rssBytes: number; stalledMs: number } & Suspect)
  /** One turn of the event loop has taken very long; once per turn. */
  | ({ kind: 'slowTurn'; stalledMs: number } & Suspect)
  /** The last words of a guard that ends its host. */
  | ({ kind: 'stalled'; stalledMs: number } & Suspect)
  | ({ kind: 'memory'; rssBytes: number; limitBytes: number } & Suspect)
  /** The host ends itself: `process.exit` was called, an error was caught by nobody, or the runtime's own part failed. */
  | ({ kind: 'exit'; reason: string } & Suspect);

/** Run id and method of the plugin call under way; null when there is none, run 0 for a call without a run. */
export interface Suspect {
  runId: number | null;
  call: string | null;
  /** Where it was found spinning: `poll (file:///plugin.js:10:5)`. */
  place?: string;
}

export function encodeReport(report: HostReport): string {
  return `${JSON.stringify(report)}\n`;
}

/** Null for a line that is no report. */
export function decodeReport(line: string): HostReport | null {
  try {
    const report: unknown = JSON.parse(line);
    return typeof report === 'object' && report !== null && 'kind' in report
      ? (report as HostReport)
      : null;
  } catch {
    return null;
  }
}
