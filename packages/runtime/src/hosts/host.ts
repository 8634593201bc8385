/** One task host as the pool sees it: a child process, or in tests a part of the own process. (no I/O) */
import type { ControlRequests, HostEvent, HostRequests, HostSettings } from './messages.ts';
import type { Suspect } from './report-lines.ts';

export interface Host {
  /** Null in the own process. */
  readonly pid: number | null;
  /** Resolves when the host answers calls; rejects when it ends before. */
  readonly ready: Promise<void>;
  call<K extends keyof HostRequests>(
    kind: K,
    body: HostRequests[K]['body'],
    options: { timeoutMs: number },
  ): Promise<HostRequests[K]['reply']>;
  /** Kills it; `reason` goes into what `onEnded` is told, unless the host gave its own. Repeats have no effect. */
  end(reason: string): void;
  /** Resolves after `onEnded`. Never rejects. */
  readonly ended: Promise<void>;
}

export interface HostListener {
  onEvent(event: HostEvent): void;
  answer<K extends keyof ControlRequests>(
    kind: K,
    body: ControlRequests[K]['body'],
  ): Promise<ControlRequests[K]['reply']>;
  /** The process is gone; once, before the calls that wait for it are rejected. */
  onEnded(end: HostEnd): void;
}

/** Why a host ended, in words that follow "was lost: ". */
export interface HostEnd {
  readonly reason: string;
  /** Who was at it, where that is proof; null when it is not known. */
  readonly suspect: Suspect | null;
  /** SIGKILL that neither the worker nor the host's guard sent: an operator, or the kernel short of memory. */
  readonly isKilledFromOutside: boolean;
}

export type StartHost = (hostId: number, settings: HostSettings, listener: HostListener) => Host;
