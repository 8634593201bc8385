import { expect, it } from 'vitest';
import { FetchSession } from './fetch-session.ts';
import { Positions } from './positions.ts';

const topicId = 'a'.repeat(21) + 'A';

function states(count: number) {
  const positions = new Positions();
  return Array.from({ length: count }, (_, partition) => {
    positions.add({ topic: 't', partition });
    const state = positions.require({ topic: 't', partition });
    positions.seek(state, 0n, { leaderEpoch: 1, isFromLeader: true });
    return Object.assign(state, { topicId, leader: 1, leaderEpoch: 1 });
  });
}

const good = { errorCode: 0, sessionId: 7 };

it('sends the epoch of the last record to brokers that know what to do with it, and not for followers', () => {
  const [first] = states(1);
  if (first === undefined) throw new Error('no state');
  const asked = (version: number) => new FetchSession(1000).next([first], version).topics[0];
  expect(asked(12)?.partitions[0]).toMatchObject({ lastFetchedEpoch: 1, currentLeaderEpoch: 1 });
  expect(asked(11)?.partitions[0]).toMatchObject({ lastFetchedEpoch: -1, currentLeaderEpoch: 1 });
  first.preferredReplica = 2;
  expect(asked(12)?.partitions[0]).toMatchObject({ lastFetchedEpoch: -1 });
});

it('sends changes alone, and forgets a topic that was made again under its old id', () => {
  const session = new FetchSession(1000);
  const [one, two] = states(2);
  if (one === undefined || two === undefined) throw new Error('no state');
  expect(session.next([one, two], 13)).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
  expect(session.take(good)).toBe(true);
  expect(session.askedFor({ topic: '', topicId }, 1)?.state).toBe(two);
  expect(session.next([one, two], 13)).toEqual({
    sessionId: 7,
    sessionEpoch: 1,
    topics: [],
    forgottenTopicsData: [],
  });
  session.take(good);
  const again = `${'b'.repeat(21)}A`;
  two.topicId = again;
  expect(session.next([two], 13)).toMatchObject({
    sessionEpoch: 2,
    topics: [{ topicId: again, partitions: [{ partition: 1 }] }],
    forgottenTopicsData: [{ topicId, partitions: [0, 1] }],
  });
});

it('keeps no session with brokers before version 7, and begins another when topics go by other names', () => {
  const session = new FetchSession(1000);
  const all = states(1);
  expect(session.next(all, 6)).toMatchObject({ sessionId: 0, sessionEpoch: -1 });
  session.take({ errorCode: 0, sessionId: 0 });
  session.next(all, 12);
  session.take(good);
  expect(session.next(all, 13)).toMatchObject({ sessionId: 7, sessionEpoch: 0 });
});

it('begins another session, in place of the old one, when nobody knows what became of a request', () => {
  const session = new FetchSession(1000);
  const all = states(1);
  session.next(all, 13);
  session.take(good);
  session.next(all, 13);
  session.fail();
  expect(session.next(all, 13)).toMatchObject({ sessionId: 7, sessionEpoch: 0 });
  expect(session.next(all, 13).topics).toHaveLength(1);
  // Refused though it was new: no reason to try again at once.
  expect(session.take({ errorCode: 70, sessionId: 0 })).toBe(true);
  expect(session.id).toBe(0);
});
