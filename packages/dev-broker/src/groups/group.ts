import { randomUUID } from 'node:crypto';
import { errorCodes } from '@tributary/wire';
import type { Clock, Timer } from '../clock.ts';
import { StorageError } from '../errors.ts';
import type { StoredGroup } from '../state.ts';
import { fitsProtocols, isSameProtocols, selectProtocol } from './group-protocols.ts';
import type {
  GroupStatus,
  JoinRequest,
  JoinResult,
  Member,
  SyncRequest,
  SyncResult,
} from './group-types.ts';

export interface GroupSettings {
  readonly initialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly maxSize: number;
}

export interface GroupContext {
  readonly clock: Clock;
  readonly settings: GroupSettings;
  /** Makes the group durable as it is now. Called when it becomes stable or empty; throws when it cannot be written. */
  readonly store: (group: StoredGroup) => void;
}

/**
 * One classic group of any protocol type: members, generations, rebalances. Answers are given through callbacks, at once or when a rebalance has ended.
 * Metadata and assignments are bytes that only the members understand.
 * Source: Kafka `GroupCoordinator`, `ClassicGroup`, KIP-62, KIP-345, KIP-394, KIP-814.
 */
export class Group {
  readonly groupId: string;
  status: GroupStatus = 'Empty';
  generationId = 0;
  protocolType = '';
  protocolName: string | null = null;
  leaderId: string | null = null;
  changedMs: number;
  private readonly context: GroupContext;
  /** In the order of joining. */
  private readonly membersById = new Map<string, Member>();
  /** Ids that were given out and have not come back yet, with the timers that end the wait for them. */
  private readonly pendingIds = new Map<string, Timer>();
  private rebalanceTimer: Timer | null = null;
  private isInitialDelay = false;
  private hasNewMember = false;

  constructor(groupId: string, context: GroupContext, stored?: StoredGroup) {
    this.groupId = groupId;
    this.context = context;
    this.changedMs = stored?.changedMs ?? context.clock.now();
    if (stored !== undefined) this.restore(stored);
  }

  get members(): Member[] {
    return [...this.membersById.values()];
  }

  /** Nobody has ever joined, and nobody is expected back. */
  get isUnused(): boolean {
    return this.generationId === 0 && this.membersById.size === 0 && this.pendingIds.size === 0;
  }

  join(request: JoinRequest, respond: (result: JoinResult) => void): void {
    const refuse = (errorCode: number, memberId = request.memberId) => {
      respond(refusedJoin(errorCode, memberId));
    };
    const { minSessionTimeoutMs, maxSessionTimeoutMs, maxSize } = this.context.settings;
    const { sessionTimeoutMs, memberId, instanceId } = request;
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs) {
      return refuse(errorCodes.INVALID_SESSION_TIMEOUT);
    }
    if (!this.fits(request)) return refuse(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
    const staticMember = this.findStatic(instanceId);
    const member = this.membersById.get(memberId);
    const isNew = member === undefined && staticMember === undefined;
    if (isNew && !this.pendingIds.has(memberId) && this.membersById.size >= maxSize) {
      return refuse(errorCodes.GROUP_MAX_SIZE_REACHED, '');
    }
    if (memberId === '') {
      if (staticMember !== undefined) return this.replaceStatic(staticMember, request, respond);
      const id = newMemberId(instanceId ?? request.clientId);
      if (instanceId !== null || !request.mustKnowItsId) return this.add(id, request, respond);
      this.awaitComeback(id, sessionTimeoutMs);
      return refuse(errorCodes.MEMBER_ID_REQUIRED, id);
    }
    if (instanceId !== null) {
      if (staticMember === undefined) return refuse(errorCodes.UNKNOWN_MEMBER_ID);
      if (staticMember.id !== memberId) return refuse(errorCodes.FENCED_INSTANCE_ID);
    }
    if (this.pendingIds.has(memberId)) return this.add(memberId, request, respond);
    if (member === undefined) return refuse(errorCodes.UNKNOWN_MEMBER_ID);
    this.rejoin(member, request, respond);
  }

  sync(request: SyncRequest, respond: (result: SyncResult) => void): void {
    const refuse = (errorCode: number) => respond(refusedSync(errorCode));
    const errorCode = this.checkMember(request.memberId, request.instanceId, request.generationId);
    if (errorCode !== errorCodes.NONE) return refuse(errorCode);
    if (
      (request.protocolType !== null && request.protocolType !== this.protocolType) ||
      (request.protocolName !== null && request.protocolName !== this.protocolName)
    ) {
      return refuse(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
    }
    const member = this.membersById.get(request.memberId) as Member;
    if (this.status === 'Empty') return refuse(errorCodes.UNKNOWN_MEMBER_ID);
    if (this.status === 'PreparingRebalance') return refuse(errorCodes.REBALANCE_IN_PROGRESS);
    if (this.status === 'Stable') {
      this.restartSession(member);
      return respond(this.syncedResult(member));
    }
    member.onSynced?.(refusedSync(errorCodes.UNKNOWN_MEMBER_ID));
    member.onSynced = respond;
    this.stopSession(member);
    if (member.id === this.leaderId) this.assign(request.assignments);
  }

  heartbeat(memberId: string, instanceId: string | null, generationId: number): number {
    const errorCode = this.checkMember(memberId, instanceId, generationId);
    if (errorCode !== errorCodes.NONE) return errorCode;
    this.restartSession(this.membersById.get(memberId) as Member);
    return this.status === 'PreparingRebalance'
      ? errorCodes.REBALANCE_IN_PROGRESS
      : errorCodes.NONE;
  }

  /** By member id or, for a static member, by instance id with an empty member id. */
  leave(memberId: string, instanceId: string | null): number {
    const pending = this.pendingIds.get(memberId);
    if (pending !== undefined && instanceId === null) {
      this.forgetPending(memberId);
      this.maybeCompleteJoin();
      return errorCodes.NONE;
    }
    const staticMember = this.findStatic(instanceId);
    if (instanceId !== null) {
      if (staticMember === undefined) return errorCodes.UNKNOWN_MEMBER_ID;
      if (memberId !== '' && staticMember.id !== memberId) return errorCodes.FENCED_INSTANCE_ID;
    }
    const member = staticMember ?? this.membersById.get(memberId);
    if (member === undefined) return errorCodes.UNKNOWN_MEMBER_ID;
    this.remove([member]);
    return errorCodes.NONE;
  }

  /** For offset commits. A commit without membership (generation -1) is for groups without members. */
  checkCommit(memberId: string, instanceId: string | null, generationId: number): number {
    if (generationId < 0 && memberId === '' && instanceId === null) {
      return this.status === 'Empty' ? errorCodes.NONE : errorCodes.UNKNOWN_MEMBER_ID;
    }
    const errorCode = this.checkMember(memberId, instanceId, generationId);
    if (errorCode !== errorCodes.NONE) return errorCode;
    if (this.status === 'CompletingRebalance') return errorCodes.REBALANCE_IN_PROGRESS;
    this.restartSession(this.membersById.get(memberId) as Member);
    return errorCodes.NONE;
  }

  /** For offset commits of a transaction, whose senders before KIP-447 name no member. */
  checkTransactionalCommit(
    memberId: string,
    instanceId: string | null,
    generationId: number,
  ): number {
    if (generationId < 0 && memberId === '') return errorCodes.NONE;
    return this.checkMember(memberId, instanceId, generationId);
  }

  /** Ends all timers; waiting members are not answered. */
  close(): void {
    this.rebalanceTimer?.cancel();
    for (const timer of this.pendingIds.values()) timer.cancel();
    for (const member of this.membersById.values()) member.sessionTimer?.cancel();
  }

  private checkMember(memberId: string, instanceId: string | null, generationId: number): number {
    const staticMember = this.findStatic(instanceId);
    if (instanceId !== null) {
      if (staticMember === undefined) return errorCodes.UNKNOWN_MEMBER_ID;
      if (staticMember.id !== memberId) return errorCodes.FENCED_INSTANCE_ID;
    }
    if (!this.membersById.has(memberId)) return errorCodes.UNKNOWN_MEMBER_ID;
    return generationId === this.generationId ? errorCodes.NONE : errorCodes.ILLEGAL_GENERATION;
  }

  private fits(request: JoinRequest): boolean {
    if (request.protocolType === '' || request.protocols.length === 0) return false;
    if (this.membersById.size === 0) return true;
    const others = this.members.filter(({ id, instanceId }) => {
      const isSameInstance = instanceId !== null && instanceId === request.instanceId;
      return id !== request.memberId && !isSameInstance;
    });
    return request.protocolType === this.protocolType && fitsProtocols(others, request.protocols);
  }

  private add(memberId: string, request: JoinRequest, respond: (result: JoinResult) => void): void {
    this.forgetPending(memberId);
    const member: Member = {
      id: memberId,
      instanceId: request.instanceId,
      clientId: request.clientId,
      clientHost: request.clientHost,
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs: request.rebalanceTimeoutMs,
      protocols: request.protocols,
      assignment: noBytes,
      onJoined: respond,
      onSynced: null,
      sessionTimer: null,
    };
    if (this.membersById.size === 0) this.protocolType = request.protocolType;
    this.membersById.set(memberId, member);
    this.leaderId ??= memberId;
    this.hasNewMember = true;
    this.prepareRebalance();
  }

  private rejoin(
    member: Member,
    request: JoinRequest,
    respond: (result: JoinResult) => void,
  ): void {
    const isUnchanged = isSameProtocols(member.protocols, request.protocols);
    // A member that repeats itself has lost the answer; the leader of a stable group asks for a rebalance.
    const wantsRebalance =
      this.status === 'PreparingRebalance' ||
      !isUnchanged ||
      (this.status === 'Stable' && member.id === this.leaderId);
    if (!wantsRebalance) {
      this.restartSession(member);
      return respond(this.joinedResult(member));
    }
    this.update(member, request, respond);
    this.prepareRebalance();
  }

  /** A static member that was started again comes without an id: it takes the place, and the assignment, of its former self. */
  private replaceStatic(
    member: Member,
    request: JoinRequest,
    respond: (result: JoinResult) => void,
  ): void {
    const formerId = member.id;
    const formerLeaderId = this.leaderId;
    member.onJoined?.(refusedJoin(errorCodes.FENCED_INSTANCE_ID, formerId));
    member.onSynced?.(refusedSync(errorCodes.FENCED_INSTANCE_ID));
    member.onJoined = null;
    member.onSynced = null;
    this.membersById.delete(formerId);
    member.id = newMemberId(member.instanceId ?? '');
    this.membersById.set(member.id, member);
    if (formerLeaderId === formerId) this.leaderId = member.id;
    this.update(member, request, respond);
    const keepsProtocol = selectProtocol(this.members) === this.protocolName;
    if (this.status !== 'Stable' || !keepsProtocol) return this.prepareRebalance();
    member.onJoined = null;
    this.restartSession(member);
    if (!this.tryStore()) {
      return respond(refusedJoin(errorCodes.COORDINATOR_NOT_AVAILABLE, member.id));
    }
    const result = this.joinedResult(member);
    // A leader that cannot be told to skip the assignment must not take itself for the leader.
    if (!request.canSkipAssignment) {
      return respond({ ...result, leader: formerLeaderId ?? '', members: [] });
    }
    respond({ ...result, skipAssignment: member.id === this.leaderId });
  }

  private update(
    member: Member,
    request: JoinRequest,
    respond: (result: JoinResult) => void,
  ): void {
    member.protocols = request.protocols;
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    member.onJoined?.(refusedJoin(errorCodes.UNKNOWN_MEMBER_ID, member.id));
    member.onJoined = respond;
    this.stopSession(member);
  }

  private awaitComeback(memberId: string, timeoutMs: number): void {
    const timer = this.context.clock.after(timeoutMs, () => {
      this.pendingIds.delete(memberId);
      this.maybeCompleteJoin();
    });
    this.pendingIds.set(memberId, timer);
  }

  private forgetPending(memberId: string): void {
    this.pendingIds.get(memberId)?.cancel();
    this.pendingIds.delete(memberId);
  }

  private prepareRebalance(): void {
    if (this.status === 'PreparingRebalance') return this.maybeCompleteJoin();
    for (const member of this.membersById.values()) {
      const respond = member.onSynced;
      member.onSynced = null;
      member.assignment = noBytes;
      if (respond === null) continue;
      this.restartSession(member);
      respond(refusedSync(errorCodes.REBALANCE_IN_PROGRESS));
    }
    const timeoutMs = Math.max(0, ...this.members.map((one) => one.rebalanceTimeoutMs));
    const initialDelayMs = this.context.settings.initialRebalanceDelayMs;
    this.isInitialDelay = this.status === 'Empty' && initialDelayMs > 0;
    this.status = 'PreparingRebalance';
    this.rebalanceTimer?.cancel();
    if (this.isInitialDelay) return this.delayFirstRebalance(initialDelayMs, timeoutMs);
    this.rebalanceTimer = this.context.clock.after(timeoutMs, () => this.completeJoin());
    this.maybeCompleteJoin();
  }

  /** A new group waits for more members while more keep coming, at most the rebalance timeout. */
  private delayFirstRebalance(delayMs: number, leftMs: number): void {
    this.hasNewMember = false;
    const waitMs = Math.min(delayMs, leftMs);
    this.rebalanceTimer = this.context.clock.after(waitMs, () => {
      if (this.hasNewMember && leftMs > waitMs) {
        return this.delayFirstRebalance(delayMs, leftMs - waitMs);
      }
      this.isInitialDelay = false;
      this.completeJoin();
    });
  }

  private maybeCompleteJoin(): void {
    if (this.status !== 'PreparingRebalance' || this.isInitialDelay) return;
    const hasAll = this.members.every(({ onJoined }) => onJoined !== null);
    if (hasAll && this.pendingIds.size === 0) this.completeJoin();
  }

  private completeJoin(): void {
    this.rebalanceTimer?.cancel();
    this.rebalanceTimer = null;
    this.isInitialDelay = false;
    for (const member of this.members) {
      // Static members keep their place until their session ends.
      if (member.onJoined === null && member.instanceId === null) this.drop(member);
    }
    this.generationId += 1;
    this.changedMs = this.context.clock.now();
    if (this.membersById.size === 0) return this.becomeEmpty();
    const joined = this.members.filter(({ onJoined }) => onJoined !== null);
    const leader = this.membersById.get(this.leaderId ?? '');
    if (leader?.onJoined == null && joined[0] !== undefined) this.leaderId = joined[0].id;
    this.protocolName = selectProtocol(this.members) ?? null;
    this.status = 'CompletingRebalance';
    for (const member of joined) {
      const respond = member.onJoined;
      member.onJoined = null;
      this.restartSession(member);
      respond?.(this.joinedResult(member));
    }
    this.awaitSyncs();
  }

  /** Members that have joined and never sync would hold up the others for ever. */
  private awaitSyncs(): void {
    const timeoutMs = Math.max(...this.members.map((one) => one.rebalanceTimeoutMs));
    this.rebalanceTimer = this.context.clock.after(timeoutMs, () => {
      if (this.status !== 'CompletingRebalance') return;
      this.remove(this.members.filter(({ onSynced }) => onSynced === null));
    });
  }

  private assign(assignments: SyncRequest['assignments']): void {
    const byId = new Map(assignments.map((one) => [one.memberId, one.assignment]));
    for (const member of this.membersById.values()) {
      member.assignment = byId.get(member.id) ?? noBytes;
    }
    this.status = 'Stable';
    this.rebalanceTimer?.cancel();
    this.rebalanceTimer = null;
    const isStored = this.tryStore();
    for (const member of this.members) {
      const respond = member.onSynced;
      member.onSynced = null;
      if (respond === null) continue;
      this.restartSession(member);
      respond(
        isStored ? this.syncedResult(member) : refusedSync(errorCodes.COORDINATOR_NOT_AVAILABLE),
      );
    }
    if (!isStored) this.prepareRebalance();
  }

  private remove(members: readonly Member[]): void {
    for (const member of members) this.drop(member);
    if (this.status === 'Stable' || this.status === 'CompletingRebalance') this.prepareRebalance();
    else this.maybeCompleteJoin();
  }

  private drop(member: Member): void {
    this.stopSession(member);
    this.membersById.delete(member.id);
    member.onJoined?.(refusedJoin(errorCodes.UNKNOWN_MEMBER_ID, member.id));
    member.onSynced?.(refusedSync(errorCodes.UNKNOWN_MEMBER_ID));
    member.onJoined = null;
    member.onSynced = null;
    if (this.leaderId === member.id) this.leaderId = this.members[0]?.id ?? null;
  }

  private becomeEmpty(): void {
    this.status = 'Empty';
    this.protocolName = null;
    this.leaderId = null;
    // Without it in the journal an old generation would live again at the next start, and end with its sessions.
    this.tryStore();
  }

  private tryStore(): boolean {
    try {
      this.context.store(this.toStored());
      return true;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return false;
    }
  }

  private toStored(): StoredGroup {
    return {
      groupId: this.groupId,
      generationId: this.generationId,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      leaderId: this.leaderId,
      changedMs: this.changedMs,
      members: this.members.map((member) => ({
        memberId: member.id,
        instanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        sessionTimeoutMs: member.sessionTimeoutMs,
        rebalanceTimeoutMs: member.rebalanceTimeoutMs,
        protocols: member.protocols.map(({ name, metadata }) => {
          return { name, metadata: metadata.toString('base64') };
        }),
        assignment: member.assignment.toString('base64'),
      })),
    };
  }

  private restore(stored: StoredGroup): void {
    this.generationId = stored.generationId;
    this.protocolType = stored.protocolType;
    this.protocolName = stored.protocolName;
    this.leaderId = stored.leaderId;
    this.status = stored.members.length === 0 ? 'Empty' : 'Stable';
    for (const one of stored.members) {
      const member: Member = {
        id: one.memberId,
        instanceId: one.instanceId,
        clientId: one.clientId,
        clientHost: one.clientHost,
        sessionTimeoutMs: one.sessionTimeoutMs,
        rebalanceTimeoutMs: one.rebalanceTimeoutMs,
        protocols: one.protocols.map(({ name, metadata }) => {
          return { name, metadata: Buffer.from(metadata, 'base64') };
        }),
        assignment: Buffer.from(one.assignment, 'base64'),
        onJoined: null,
        onSynced: null,
        sessionTimer: null,
      };
      this.membersById.set(member.id, member);
      this.restartSession(member);
    }
  }

  private joinedResult(member: Member): JoinResult {
    const members = member.id === this.leaderId ? this.members : [];
    return {
      errorCode: errorCodes.NONE,
      generationId: this.generationId,
      protocolType: this.protocolType,
      protocolName: this.protocolName,
      leader: this.leaderId ?? '',
      skipAssignment: false,
      memberId: member.id,
      members: members.map(({ id, instanceId, protocols }) => ({
        memberId: id,
        groupInstanceId: instanceId,
        metadata: protocols.find(({ name }) => name === this.protocolName)?.metadata ?? noBytes,
      })),
    };
  }

  private syncedResult(member: Member): SyncResult {
    const { protocolType, protocolName } = this;
    return {
      errorCode: errorCodes.NONE,
      protocolType,
      protocolName,
      assignment: member.assignment,
    };
  }

  private restartSession(member: Member): void {
    // Whoever waits for an answer lives: the broker owes it, not the member.
    if (member.onJoined !== null || member.onSynced !== null) return;
    this.stopSession(member);
    member.sessionTimer = this.context.clock.after(member.sessionTimeoutMs, () => {
      this.remove([member]);
    });
  }

  private stopSession(member: Member): void {
    member.sessionTimer?.cancel();
    member.sessionTimer = null;
  }

  private findStatic(instanceId: string | null): Member | undefined {
    if (instanceId === null) return undefined;
    return this.members.find((member) => member.instanceId === instanceId);
  }
}

const noBytes = Buffer.alloc(0);

function newMemberId(prefix: string): string {
  return `${prefix}-${randomUUID()}`;
}

export function refusedJoin(errorCode: number, memberId: string): JoinResult {
  return {
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function refusedSync(errorCode: number): SyncResult {
  return { errorCode, protocolType: null, protocolName: null, assignment: noBytes };
}
