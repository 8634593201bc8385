import type { Timer } from '../clock.ts';

/**
 * Empty: no members. PreparingRebalance: members are called to join. CompletingRebalance: all have joined, the leader's assignment is awaited.
 * Stable: everybody has an assignment.
 *
 *     Empty -> PreparingRebalance            a member joins
 *     PreparingRebalance -> CompletingRebalance   all have joined, or the rebalance timeout is over
 *     CompletingRebalance -> Stable          the leader syncs
 *     CompletingRebalance, Stable -> PreparingRebalance   a member joins, leaves, changes or is lost
 *     any -> Empty                           the last member is gone
 */
export type GroupStatus = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface Member {
  id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  /** In the member's order of preference. */
  protocols: readonly GroupProtocol[];
  assignment: Buffer;
  /** Set while a JoinGroup or a SyncGroup of the member waits for its answer. */
  onJoined: ((result: JoinResult) => void) | null;
  onSynced: ((result: SyncResult) => void) | null;
  sessionTimer: Timer | null;
}

export interface JoinRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly GroupProtocol[];
  /** From version 4 a new member is sent away once to come back with the id it is given. */
  readonly mustKnowItsId: boolean;
  /** From version 9 a static leader that comes back is told to keep the assignment. */
  readonly canSkipAssignment: boolean;
}

export interface JoinResult {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  /** For the leader only. */
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly metadata: Buffer;
  }[];
}

export interface SyncRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
}

export interface SyncResult {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}
