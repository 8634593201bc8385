import {
  type Decoded,
  errorByCode,
  heartbeatApi,
  type JoinGroupResponse,
  joinGroupApi,
  leaveGroupApi,
  syncGroupApi,
} from '@tributary/wire';
import type { Cluster } from '../cluster.ts';
import { brokerError, clientError, isKafkaError } from '../errors.ts';
import { longestDelayMs } from '../timers.ts';
import type { GroupMemberId, KafkaError } from '../types.ts';
import { Coordinator } from './coordinator.ts';

export interface GroupOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  /** A dynamic member got its id. */
  onMember?(member: GroupMemberId): void;
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
    members: readonly { memberId: string; groupInstanceId: string | null; metadata: Buffer }[],
  ): Promise<Map<string, Buffer>>;
  /** The owner has not called for longer than `max.poll.interval.ms`: the member leaves. */
  isStalled(): boolean;
}

export interface Membership {
  readonly generation: number;
  readonly memberId: string;
  readonly protocol: string;
  readonly isLeader: boolean;
  readonly assignment: Buffer;
}

/** What a broker may take longer than the rebalance timeout to answer a join. */
const joinGraceMs = 5_000;
const leaveTimeoutMs = 5_000;

/** What only an operator can mend: two members with one `group.instance.id`, missing rights, a group of another kind. */
const fatalErrors = ['FENCED_INSTANCE_ID', 'GROUP_AUTHORIZATION_FAILED', 'INVALID_GROUP_ID'];

/**
 * A member of a classic group, of any protocol type.
 * States: unjoined (no membership) -> joining -> stable (heartbeats run) -> rejoin needed (the owner or a heartbeat said so, or the member was lost) -> joining.
 * Heartbeats run in the background; everything else happens when the owner calls. Source: Kafka `AbstractCoordinator`.
 */
export class GroupMember {
  readonly coordinator: Coordinator;
  readonly #cluster: Cluster;
  readonly #options: GroupOptions;
  #memberId = '';
  #membership: Membership | null = null;
  #isRejoinAsked = true;
  #isLost = false;
  #fatal: KafkaError | null = null;
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
    return this.#isRejoinAsked || this.#membership === null;
  }

  /** Why joining again is of no use. */
  get fatalError(): KafkaError | null {
    return this.#fatal;
  }

  /** The group has given the member's share to others already; cleared by the next join. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** The subscription changed. Asked for during a join it is not forgotten: another follows. */
  requestRejoin(): void {
    this.#isRejoinAsked = true;
  }

  /** One try to join and sync. Rejects with a retriable KafkaError when it has to be tried again. */
  async join(signal: AbortSignal): Promise<Membership> {
    this.#stopHeartbeats();
    this.#isRejoinAsked = false;
    this.#membership = null;
    try {
      const membership = await this.#joinAndSync(signal);
      this.#membership = membership;
      this.#isLost = false;
      this.#lastHeartbeatAt = Date.now();
      this.#scheduleHeartbeat();
      return membership;
    } catch (error) {
      this.#isRejoinAsked = true;
      throw error;
    }
  }

  async #joinAndSync(signal: AbortSignal): Promise<Membership> {
    const { groupId, groupInstanceId, protocolType, rebalanceTimeoutMs } = this.#options;
    const joined = await this.#enter(signal);
    const { generationId: generation, skipAssignment } = joined;
    const protocol = joined.protocolName ?? '';
    const isLeader = joined.leader === joined.memberId;
    // A static leader that returns gets what it had: the group goes on as it was.
    const assignments =
      isLeader && !skipAssignment
        ? await this.#options.assign(protocol, joined.members)
        : new Map<string, Buffer>();
    const synced = await this.coordinator.request(
      syncGroupApi,
      {
        groupId,
        generationId: generation,
        memberId: this.#memberId,
        ...(groupInstanceId === null ? {} : { groupInstanceId }),
        protocolType,
        protocolName: protocol,
        assignments: [...assignments].map(([memberId, assignment]) => ({ memberId, assignment })),
      },
      { timeoutMs: rebalanceTimeoutMs + joinGraceMs, signal },
    );
    if (synced.errorCode !== 0) throw this.#failure(synced.errorCode, 'sync with');
    const { assignment } = synced;
    return { generation, memberId: this.#memberId, protocol, isLeader, assignment };
  }

  /** JoinGroup; the first time the broker answers with the member id to join under. */
  async #enter(signal: AbortSignal): Promise<Decoded<JoinGroupResponse>> {
    const { groupId, groupInstanceId, protocolType, rebalanceTimeoutMs, sessionTimeoutMs } =
      this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const response = await this.coordinator.request(
        joinGroupApi,
        (version) => {
          if (groupInstanceId !== null && version < 5) {
            throw clientError(
              'UNSUPPORTED_VERSION',
              `Cannot join group "${groupId}" with group.instance.id "${groupInstanceId}": static members take brokers from version 2.3 on`,
            );
          }
          return {
            groupId,
            sessionTimeoutMs,
            rebalanceTimeoutMs,
            memberId: this.#memberId,
            ...(groupInstanceId === null ? {} : { groupInstanceId }),
            protocolType,
            protocols: this.#options.protocols(),
          };
        },
        // A join is answered when everybody has joined.
        { timeoutMs: rebalanceTimeoutMs + joinGraceMs, signal },
      );
      const isIdRequired = errorByCode(response.errorCode).name === 'MEMBER_ID_REQUIRED';
      if (isIdRequired || response.errorCode === 0) this.#takeMemberId(response.memberId);
      if (response.errorCode === 0) return response;
      if (!isIdRequired || !isFirst) throw this.#failure(response.errorCode, 'join');
    }
  }

  #takeMemberId(memberId: string): void {
    if (memberId === this.#memberId) return;
    this.#memberId = memberId;
    const { groupId, groupInstanceId } = this.#options;
    if (groupInstanceId === null) this.#options.onMember?.({ groupId, memberId });
  }

  /** An answer to a request under the present membership named this error: what it means for it. */
  noteError(code: number): void {
    const { name } = errorByCode(code);
    this.coordinator.noteError(code);
    if (name === 'REBALANCE_IN_PROGRESS') this.requestRejoin();
    else if (name === 'UNKNOWN_MEMBER_ID' || name === 'ILLEGAL_GENERATION') this.#lose(name);
    else if (fatalErrors.includes(name)) {
      this.#lose(name);
      this.#fatal = brokerError(code, `Cannot stay in group "${this.#options.groupId}"`);
    }
  }

  /** Leaves the group, so that others need not wait for the session to expire. Static members stay. */
  async leave(signal: AbortSignal): Promise<void> {
    this.#stopHeartbeats();
    const { groupId, groupInstanceId } = this.#options;
    const memberId = this.#memberId;
    this.#membership = null;
    if (memberId === '' || groupInstanceId !== null) return;
    this.#memberId = '';
    await this.coordinator.request(
      leaveGroupApi,
      (version) => (version >= 3 ? { groupId, members: [{ memberId }] } : { groupId, memberId }),
      // Not behind a join that the group's own connection may be waiting for.
      { signal, purpose: 'general' },
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
      this.#isLost = true;
      await this.leave(AbortSignal.timeout(leaveTimeoutMs)).catch(() => {});
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
        { timeoutMs: Math.min(sessionTimeoutMs, this.#cluster.settings['request.timeout.ms']) },
      );
      if (this.#membership !== membership) return;
      // The coordinator knows the member while it asks it to join again.
      const isKnown = errorCode === 0 || errorByCode(errorCode).name === 'REBALANCE_IN_PROGRESS';
      if (isKnown) this.#lastHeartbeatAt = Date.now();
      if (errorCode !== 0) this.noteError(errorCode);
    } catch (error) {
      if (this.#membership !== membership) return;
      if (!isKafkaError(error) || !error.isRetriable) this.requestRejoin();
    }
    if (Date.now() - this.#lastHeartbeatAt > sessionTimeoutMs) this.#lose('session expired');
    if (this.#membership === membership && this.#timer !== null) this.#scheduleHeartbeat();
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
    }
    this.#isLost = true;
    this.#membership = null;
    if (why === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
    this.#stopHeartbeats();
  }

  #stopHeartbeats(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
