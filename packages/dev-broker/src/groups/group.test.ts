import { errorCodes } from '@tributary/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StoredGroup } from '../state.ts';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { Group } from './group.ts';
import type { JoinRequest, JoinResult, SyncResult } from './group-types.ts';

let clock: FakeClock;
let stored: StoredGroup[];

beforeEach(() => {
  clock = createFakeClock();
  stored = [];
});

function createGroup(initialRebalanceDelayMs = 0, from?: StoredGroup): Group {
  const settings = {
    initialRebalanceDelayMs,
    minSessionTimeoutMs: 6_000,
    maxSessionTimeoutMs: 60_000,
    maxSize: 3,
  };
  return new Group('g', { clock, settings, store: (one) => void stored.push(one) }, from);
}

/** The answer, or null while the member waits. */
function join(group: Group, given: Partial<JoinRequest> = {}): { result: JoinResult | null } {
  const answer: { result: JoinResult | null } = { result: null };
  const request: JoinRequest = {
    memberId: '',
    instanceId: null,
    clientId: 'client',
    clientHost: '/test',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 20_000,
    protocolType: 'connect',
    protocols: [{ name: 'default', metadata: Buffer.from('m') }],
    mustKnowItsId: false,
    canSkipAssignment: true,
    ...given,
  };
  group.join(request, (result) => {
    answer.result = result;
  });
  return answer;
}

function sync(
  group: Group,
  { memberId, generationId }: JoinResult,
  assignments: Record<string, string> = {},
): { result: SyncResult | null } {
  const answer: { result: SyncResult | null } = { result: null };
  const request = {
    memberId,
    instanceId: null,
    generationId,
    protocolType: null,
    protocolName: null,
    assignments: Object.entries(assignments).map(([id, text]) => {
      return { memberId: id, assignment: Buffer.from(text) };
    }),
  };
  group.sync(request, (result) => {
    answer.result = result;
  });
  return answer;
}

/** A stable group of two; the first is the leader. */
function createPair(): { group: Group; leader: JoinResult; follower: JoinResult } {
  const group = createGroup();
  const first = join(group).result as JoinResult;
  const second = join(group);
  const leader = join(group, { memberId: first.memberId }).result as JoinResult;
  const follower = second.result as JoinResult;
  sync(group, follower);
  sync(group, leader, { [leader.memberId]: 'for leader', [follower.memberId]: 'for follower' });
  return { group, leader, follower };
}

describe('Group', () => {
  it('makes a lone member the leader at once and gives it what it assigned', () => {
    const group = createGroup();
    const joined = join(group).result as JoinResult;
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, leader: joined.memberId });
    expect(joined.members).toHaveLength(1);
    const synced = sync(group, joined, { [joined.memberId]: 'work' });
    expect(String(synced.result?.assignment)).toBe('work');
    expect(group.status).toBe('Stable');
    expect(stored.at(-1)).toMatchObject({
      generationId: 1,
      members: [{ memberId: joined.memberId }],
    });
  });

  it('sends a new member away to come back with its id', () => {
    const group = createGroup();
    const away = join(group, { mustKnowItsId: true }).result as JoinResult;
    expect(away.errorCode).toBe(errorCodes.MEMBER_ID_REQUIRED);
    expect(group.members).toHaveLength(0);
    const back = join(group, { mustKnowItsId: true, memberId: away.memberId });
    expect(back.result).toMatchObject({ errorCode: 0, memberId: away.memberId });
  });

  it('waits for an id that was given out no longer than its session', () => {
    const group = createGroup();
    const first = join(group).result as JoinResult;
    join(group, { mustKnowItsId: true });
    join(group);
    const rejoined = join(group, { memberId: first.memberId });
    expect(rejoined.result).toBeNull();
    clock.advance(10_000);
    expect(rejoined.result).toMatchObject({ errorCode: 0, generationId: 2 });
  });

  it('calls members to join when another comes, and answers all of them together', () => {
    const group = createGroup();
    const first = join(group).result as JoinResult;
    sync(group, first, {});
    const second = join(group);
    expect(second.result).toBeNull();
    expect(group.heartbeat(first.memberId, null, 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    const again = join(group, { memberId: first.memberId });
    expect(again.result).toMatchObject({ generationId: 2, leader: first.memberId });
    expect(again.result?.members).toHaveLength(2);
    expect(second.result).toMatchObject({ generationId: 2, members: [] });
  });

  it('goes on without a member that does not join in the rebalance timeout', () => {
    const group = createGroup();
    const first = join(group, { sessionTimeoutMs: 60_000 }).result as JoinResult;
    sync(group, first, {});
    const second = join(group);
    clock.advance(19_999);
    expect(second.result).toBeNull();
    clock.advance(1);
    expect(second.result).toMatchObject({ generationId: 2, leader: second.result?.memberId });
    expect(group.heartbeat(first.memberId, null, 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID);
  });

  it('removes a member whose session ends and rebalances', () => {
    const { group, leader, follower } = createPair();
    clock.advance(9_000);
    expect(group.heartbeat(leader.memberId, null, 2)).toBe(0);
    clock.advance(1_000);
    expect(group.members.map(({ id }) => id)).toEqual([leader.memberId]);
    expect(group.heartbeat(follower.memberId, null, 2)).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(group.heartbeat(leader.memberId, null, 2)).toBe(errorCodes.REBALANCE_IN_PROGRESS);
  });

  it('keeps members that wait for an answer, however short their session', () => {
    const group = createGroup();
    const first = join(group, { sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 50_000 });
    sync(group, first.result as JoinResult, {});
    const second = join(group, { sessionTimeoutMs: 6_000 });
    clock.advance(40_000);
    join(group, { memberId: first.result?.memberId ?? '' });
    expect(second.result).toMatchObject({ errorCode: 0 });
  });

  it('removes members that have joined and do not sync', () => {
    const { group, leader, follower } = createPair();
    const joined = join(group, { memberId: leader.memberId });
    join(group, { memberId: follower.memberId });
    const synced = sync(group, { ...follower, generationId: 3 });
    for (let i = 0; i < 4; i++) {
      clock.advance(5_000);
      group.heartbeat(leader.memberId, null, joined.result?.generationId ?? 0);
    }
    expect(synced.result?.errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    expect(group.members.map(({ id }) => id)).toEqual([follower.memberId]);
  });

  it('checks generation and membership of heartbeats, syncs and commits', () => {
    const { group, leader } = createPair();
    expect(group.heartbeat(leader.memberId, null, 1)).toBe(errorCodes.ILLEGAL_GENERATION);
    expect(group.heartbeat('stranger', null, 2)).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(group.checkCommit(leader.memberId, null, 2)).toBe(0);
    expect(group.checkCommit(leader.memberId, null, 1)).toBe(errorCodes.ILLEGAL_GENERATION);
    expect(group.checkCommit('', null, -1)).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(sync(group, { ...leader, generationId: 1 }).result?.errorCode).toBe(
      errorCodes.ILLEGAL_GENERATION,
    );
    const joined = join(group, { memberId: leader.memberId });
    expect(joined.result).toBeNull();
    expect(group.checkCommit(leader.memberId, null, 2)).toBe(0);
  });

  it('repeats the answer to a follower that lost it, without a rebalance', () => {
    const { group, follower } = createPair();
    const again = join(group, { memberId: follower.memberId });
    expect(again.result).toMatchObject({ generationId: 2, memberId: follower.memberId });
    expect(String(sync(group, follower).result?.assignment)).toBe('for follower');
    expect(group.status).toBe('Stable');
  });

  it('chooses the protocol that most members like best among those that all know', () => {
    const group = createGroup();
    const of = (...names: string[]) => ({
      protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })),
    });
    const first = join(group, of('a', 'b', 'c')).result as JoinResult;
    join(group, of('b', 'c'));
    join(group, of('c', 'b'));
    const chosen = join(group, { ...of('a', 'b', 'c'), memberId: first.memberId }).result;
    expect(chosen?.protocolName).toBe('b');
    expect(chosen?.members.map(({ metadata }) => String(metadata))).toEqual(['b', 'b', 'b']);
  });

  it('refuses foreign protocols, wrong session timeouts and one member too many', () => {
    const group = createGroup();
    join(group);
    const foreign = [{ name: 'other', metadata: Buffer.alloc(0) }];
    expect(join(group, { protocols: foreign }).result?.errorCode).toBe(
      errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(join(group, { protocolType: 'consumer' }).result?.errorCode).toBe(
      errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(join(group, { sessionTimeoutMs: 5_999 }).result?.errorCode).toBe(
      errorCodes.INVALID_SESSION_TIMEOUT,
    );
    join(group);
    join(group);
    expect(join(group).result?.errorCode).toBe(errorCodes.GROUP_MAX_SIZE_REACHED);
  });

  it('gives a static member that comes back its place and fences its former self', () => {
    const group = createGroup();
    const first = join(group, { instanceId: 'one' }).result as JoinResult;
    group.sync(
      {
        memberId: first.memberId,
        instanceId: 'one',
        generationId: 1,
        protocolType: null,
        protocolName: null,
        assignments: [{ memberId: first.memberId, assignment: Buffer.from('work') }],
      },
      () => {},
    );
    const back = join(group, { instanceId: 'one' }).result as JoinResult;
    expect(back).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: true });
    expect(back.memberId).not.toBe(first.memberId);
    expect(group.heartbeat(first.memberId, 'one', 1)).toBe(errorCodes.FENCED_INSTANCE_ID);
    expect(group.heartbeat(back.memberId, 'one', 1)).toBe(0);
    expect(group.leave('', 'one')).toBe(0);
    expect(group.status).toBe('Empty');
  });

  it('becomes empty, durably, when the last member leaves, and begins a new generation then', () => {
    const group = createGroup();
    const joined = join(group).result as JoinResult;
    sync(group, joined, {});
    expect(group.leave(joined.memberId, null)).toBe(0);
    expect(group.status).toBe('Empty');
    expect(stored.at(-1)).toMatchObject({ generationId: 2, members: [] });
    expect(group.checkCommit('', null, -1)).toBe(0);
    expect(join(group).result?.generationId).toBe(3);
  });

  it('goes on with its members and their sessions when it is read back', () => {
    const { leader } = createPair();
    const group = createGroup(0, stored.at(-1));
    expect(group.heartbeat(leader.memberId, null, 2)).toBe(0);
    expect(String(sync(group, leader).result?.assignment)).toBe('for leader');
    clock.advance(10_000);
    expect(group.members).toHaveLength(0);
  });

  it('holds the first rebalance back while more members come', () => {
    const group = createGroup(3_000);
    const first = join(group);
    clock.advance(2_000);
    const second = join(group);
    clock.advance(1_000);
    expect(first.result).toBeNull();
    clock.advance(3_000);
    expect(first.result?.members).toHaveLength(2);
    expect(second.result?.generationId).toBe(1);
  });
});
