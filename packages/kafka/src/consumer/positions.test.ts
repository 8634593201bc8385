import { describe, expect, it } from 'vitest';
import type { TopicMetadata } from '../cluster.ts';
import { Positions } from './positions.ts';

const p0 = { topic: 't', partition: 0 };

function topic(leader: number, leaderEpoch: number, topicId = 'a'.repeat(22)): TopicMetadata {
  const partitions = [{ leader, leaderEpoch, replicas: [1, 2] }];
  return { topicId, partitions, isInternal: false };
}

/** Read up to offset 10 under leader 1, epoch 3, and fetched up to 15. */
function reading() {
  const positions = new Positions();
  positions.add(p0);
  const state = positions.require(p0);
  positions.seek(state, 10n, { leaderEpoch: 3, isFromLeader: true });
  positions.noteLeader(state, topic(1, 3));
  state.fetchOffset = 15n;
  state.fetchEpoch = 3;
  return { positions, state };
}

describe('a new leader', () => {
  it('has to know the position before it is read from, and what is buffered is dropped', () => {
    const { positions, state } = reading();
    const { epoch } = state;
    state.preferredReplica = 2;
    expect(positions.areSettled).toBe(true);
    positions.noteLeader(state, topic(2, 4));
    expect(positions.areSettled).toBe(false);
    expect(state).toMatchObject({ fetchOffset: 10n, isValidationDue: true, preferredReplica: -1 });
    expect(state.epoch).toBeGreaterThan(epoch);
  });

  it('is the same one while leader and epoch are', () => {
    const { positions, state } = reading();
    positions.noteLeader(state, topic(1, 3));
    expect(state).toMatchObject({ fetchOffset: 15n, isValidationDue: false });
  });

  it('is not waited for while nobody leads', () => {
    const { positions, state } = reading();
    positions.noteLeader(state, topic(-1, 4));
    expect(state).toMatchObject({ leader: 1, leaderEpoch: 3, isValidationDue: false });
  });

  it('cannot be asked about a position whose epoch is not known', () => {
    const { positions, state } = reading();
    positions.seek(state, 7n);
    positions.noteLeader(state, topic(2, 4));
    expect(state).toMatchObject({ position: 7n, fetchOffset: 7n, isValidationDue: false });
  });

  it('of a topic that was made again has another log', () => {
    const { positions, state } = reading();
    positions.noteLeader(state, topic(1, 0, 'b'.repeat(22)));
    expect(state).toMatchObject({ positionEpoch: -1, fetchEpoch: -1, isValidationDue: false });
  });
});

it('validates a committed position with its epoch, and one that was sought to without an epoch not', () => {
  const { positions, state } = reading();
  positions.seek(state, 5n, { leaderEpoch: 2 });
  expect(positions.areSettled).toBe(false);
  positions.seek(state, 5n);
  expect(positions.areSettled).toBe(true);
});
