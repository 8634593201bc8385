import {
  errorByCode,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  syncGroupApi,
} from '@tributary/wire';
import type { Cluster } from '../cluster.ts';
import { isKafkaError } from '../errors.ts';
import { longestDelayMs } from '../timers.ts';
import { Coordinator } from './coordinator.ts';

export interface GroupOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  /** `consumer`, `connect`, ...: members of one group must agree. */
  readonly protocolType: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Preferred protocol first; the metadata is opaque to the group. */
  protocols(): { name: string; metadata: Buffer }[];
  /** Called for the member that leads: everybody's metadata -> everybody's assignment. */
  assign(
    protocol: string,
    members: readonly { memberId: string; metadata: Buffer }[],
  ): Promise<Map<string, Buffer>>;
  /** Between polls: `max.poll.interval.ms` is over when this is true, and the member leaves. */
  isStalled(): boolean;
}

export interface Membership {
  readonly generation: number;
  readonly memberId: string;
  readonly protocol: string;
  readonly isLeader: boolean;
  readonly assignment: Buffer;
}

/**
 * A member of a classic group, of any protocol type.
 * States: unjoined (no membership) -> joining -> stable (heartbeats run) -> rejoin needed (a heartbeat said so, or the member was lost) -> joining.
 * Heartbeats run in the background; everything else happens when the owner calls. Source: Kafka `AbstractCoordinator`.
 */
export class GroupMember {
  readonly coordinator: Coordinator;
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  #memberId = '';
  #membership: Membership | null = null;
  #needsRejoin = true;
  #isLost = false;
  #timer: NodeJS.Timeout | null = null;
  #lastHeartbeatAt = 0;

  constructor(cluster: Cluster, options: GroupOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.coordinator = new Coordinator(cluster, options.groupId);
  }

  get membership(): Membership | null {
    return this.#membership;
  }

  get needsRejoin(): boolean {
    return this.#needsRejoin;
  }

  /** The group has given the member's share to others already; cleared by the next join. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** The subscription changed. */
  requestRejoin(): void {
    this.#needsRejoin = true;
  }

  /** One try to join and sync. Rejects with a retriable KafkaError when it has to be tried again. */
  async join(signal: AbortSignal): Promise<Membership> {
    this.#stopHeartbeats();
    const { groupId, groupInstanceId, protocolType, rebalanceTimeoutMs, sessionTimeoutMs } =
      this.#options;
    const response = await this.coordinator.request(
      joinGroupApi,
      {
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        memberId: this.#memberId,
        ...(groupInstanceId === null ? {} : { groupInstanceId }),
        protocolType,
        protocols: this.#options.protocols(),
      },
      // A join is answered when everybody has joined.
      { timeoutMs: rebalanceTimeoutMs + 5_000, signal },
    );
    const { name } = errorByCode(response.errorCode);
    if (name === 'MEMBER_ID_REQUIRED') {
      this.#memberId = response.memberId;
      return this.join(signal);
    }
    if (response.errorCode !== 0) throw this.#failure(response.errorCode, 'join');
    this.#memberId = response.memberId;
    const protocol = response.protocolName ?? '';
    const isLeader = response.leader === response.memberId;
    const assignments = isLeader
      ? await this.#options.assign(protocol, response.members)
      : new Map<string, Buffer>();
    const synced = await this.coordinator.request(
      syncGroupApi,
      {
        groupId,
        generationId: response.generationId,
        memberId: this.#memberId,
        ...(groupInstanceId === null ? {} : { groupInstanceId }),
        protocolType,
        protocolName: protocol,
        assignments: [...assignments].map(([memberId, assignment]) => ({ memberId, assignment })),
      },
      { timeoutMs: rebalanceTimeoutMs + 5_000, signal },
    );
    if (synced.errorCode !== 0) throw this.#failure(synced.errorCode, 'sync with');
    this.#membership = {
      generation: response.generationId,
      memberId: this.#memberId,
      protocol,
      isLeader,
      assignment: synced.assignment,
    };
    this.#needsRejoin = false;
    this.#isLost = false;
    this.#lastHeartbeatAt = Date.now();
    this.#scheduleHeartbeat();
    return this.#membership;
  }

  /** An answer to a commit or fetch of offsets named this error: what it means for the membership. */
  noteError(code: number): void {
    const { name } = errorByCode(code);
    if (name === 'REBALANCE_IN_PROGRESS') this.#needsRejoin = true;
    else if (name === 'UNKNOWN_MEMBER_ID' || name === 'ILLEGAL_GENERATION') this.#lose(name);
    else if (name === 'NOT_COORDINATOR' || name === 'COORDINATOR_NOT_AVAILABLE') {
      this.coordinator.forget();
    }
  }

  /** Leaves the group, so that others need not wait for the session to expire. Static members stay. */
  async leave(signal: AbortSignal): Promise<void> {
    this.#stopHeartbeats();
    const { groupId, groupInstanceId } = this.#options;
    const memberId = this.#memberId;
    this.#membership = null;
    this.#needsRejoin = true;
    if (memberId === '' || groupInstanceId !== null) return;
    this.#memberId = '';
    await this.coordinator.request(
      leaveGroupApi,
      (version) => (version >= 3 ? { groupId, members: [{ memberId }] } : { groupId, memberId }),
      { signal },
    );
  }

  close(): void {
    this.#stopHeartbeats();
  }

  #scheduleHeartbeat(): void {
    this.#timer = setTimeout(
      () => void this.#beat(),
      Math.min(this.#options.heartbeatIntervalMs, longestDelayMs),
    );
  }

  async #beat(): Promise<void> {
    const membership = this.#membership;
    if (membership === null) return;
    if (this.#options.isStalled()) {
      this.#cluster.logger.warn(
        `Member ${membership.memberId} of group "${this.#options.groupId}" leaves it: nobody polled for longer than max.poll.interval.ms`,
      );
      await this.leave(AbortSignal.timeout(5_000)).catch(() => {});
      this.#isLost = true;
      return;
    }
    const { groupId, groupInstanceId, sessionTimeoutMs } = this.#options;
    try {
      const { errorCode } = await this.coordinator.request(
        heartbeatApi,
        {
          groupId,
          generationId: membership.generation,
          memberId: membership.memberId,
          ...(groupInstanceId === null ? {} : { groupInstanceId }),
        },
        { timeoutMs: sessionTimeoutMs },
      );
      if (this.#membership !== membership) return;
      if (errorCode === 0) this.#lastHeartbeatAt = Date.now();
      else this.noteError(errorCode);
    } catch (error) {
      if (this.#membership !== membership) return;
      if (!isKafkaError(error) || !error.isRetriable) this.#needsRejoin = true;
    }
    if (Date.now() - this.#lastHeartbeatAt > sessionTimeoutMs) this.#lose('session expired');
    if (this.#membership === membership) this.#scheduleHeartbeat();
  }

  #failure(code: number, verb: string): Error {
    const { name } = errorByCode(code);
    if (name === 'UNKNOWN_MEMBER_ID' || name === 'ILLEGAL_GENERATION') this.#lose(name);
    return this.coordinator.errorOf(code, `Cannot ${verb} group "${this.#options.groupId}"`);
  }

  /** Others may own the member's share by now. */
  #lose(why: string): void {
    if (this.#membership !== null) {
      this.#cluster.logger.warn(
        `Member ${this.#memberId} is no longer part of group "${this.#options.groupId}" (${why}); joining again`,
      );
      this.#isLost = true;
    }
    this.#membership = null;
    this.#memberId = '';
    this.#needsRejoin = true;
    this.#stopHeartbeats();
  }

  #stopHeartbeats(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
