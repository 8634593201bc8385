import { errorCodes, offsetForLeaderEpochApi } from '@tributary/wire';
import type { Cluster } from '../cluster.ts';
import type { ConsumerSettings } from '../config.ts';
import { brokerError, clientError, isKafkaError } from '../errors.ts';
import { orAbort } from '../timers.ts';
import type { KafkaError } from '../types.ts';
import { keyOf, type PartitionState, type Positions } from './positions.ts';

/** Older ones want rights on the cluster. */
const leastVersion = 3;

/** Where the leader's log ends for an epoch; -1: it knows of none. */
interface EpochEnd {
  readonly leaderEpoch: number;
  readonly endOffset: bigint;
}

/**
 * Asks the new leaders of partitions where the epoch of the last consumed record ends in their log. Behind the position, or there: nothing was lost. Before it: the log was cut, and the
 * position goes back to where the logs part; with `auto.offset.reset=none` it stays, and LOG_TRUNCATION is thrown at each try until somebody seeks.
 * Source: KIP-320, Kafka `OffsetFetcher.validatePositionsAsync`, `SubscriptionState.maybeCompleteValidation`.
 */
export async function validatePositions(
  cluster: Cluster,
  positions: Positions,
  settings: Pick<ConsumerSettings, 'auto.offset.reset'>,
  signal: AbortSignal,
): Promise<void> {
  const due = [...positions.states()].filter(({ isValidationDue }) => isValidationDue);
  if (due.length === 0) return;
  for (const state of due) {
    const topic = cluster.topic(state.topic);
    if (topic !== undefined) positions.noteLeader(state, topic);
  }
  const errors: unknown[] = [];
  const asking = [...Map.groupBy(due, ({ leader }) => leader)].map(async ([leader, states]) => {
    try {
      const asked = states.map((state) => ({ state, epoch: state.epoch }));
      const ends = await askLeader(cluster, leader, states, signal);
      for (const { state, epoch } of asked) {
        if (!positions.has(state) || state.epoch !== epoch) continue;
        const end = ends?.get(state.key);
        const error =
          end === undefined || typeof end === 'object'
            ? complete(cluster, positions, state, end, settings)
            : refusal(positions, state, end);
        if (error !== null) errors.push(error);
      }
    } catch (error) {
      positions.needMetadata();
      errors.push(error);
    }
  });
  await Promise.all(asking);
  const lasting = errors.find((error) => !isKafkaError(error) || !error.isRetriable);
  if (errors.length > 0) throw lasting ?? errors[0];
}

/** An end or an error code by `topic partition`; null when the broker cannot be asked. */
async function askLeader(
  cluster: Cluster,
  leader: number,
  states: readonly PartitionState[],
  signal: AbortSignal,
): Promise<Map<string, EpochEnd | number> | null> {
  if (leader < 0) {
    const [first] = states;
    const what = `Cannot validate the position in partition ${first?.partition} of topic "${first?.topic}"`;
    throw brokerError(errorCodes.LEADER_NOT_AVAILABLE, what);
  }
  const connection = await orAbort(cluster.connection(leader, 'general'), signal);
  if (!connection.supports(offsetForLeaderEpochApi, leastVersion)) return null;
  const asking = connection.request(offsetForLeaderEpochApi, {
    replicaId: -1,
    topics: [...Map.groupBy(states, ({ topic }) => topic)].map(([topic, each]) => ({
      topic,
      partitions: each.map(({ partition, leaderEpoch, positionEpoch }) => ({
        partition,
        currentLeaderEpoch: leaderEpoch,
        leaderEpoch: positionEpoch,
      })),
    })),
  });
  const { topics } = await orAbort(asking, signal);
  const ends = new Map<string, EpochEnd | number>();
  for (const { topic, partitions } of topics) {
    for (const { partition, errorCode, leaderEpoch, endOffset } of partitions) {
      const end = errorCode === 0 ? { leaderEpoch, endOffset } : errorCode;
      ends.set(keyOf({ topic, partition }), end);
    }
  }
  return ends;
}

/** LOG_TRUNCATION when the log was cut and there is no policy. */
function complete(
  cluster: Cluster,
  positions: Positions,
  state: PartitionState,
  end: EpochEnd | undefined,
  { 'auto.offset.reset': policy }: Pick<ConsumerSettings, 'auto.offset.reset'>,
): KafkaError | null {
  const { topic, partition, position, positionEpoch } = state;
  if (position === null || end === undefined || end.endOffset >= position) {
    state.isValidationDue = false;
    // What was asked before the leader's word is not taken.
    state.epoch++;
    return null;
  }
  const where = `partition ${partition} of topic "${topic}" was cut below the position, offset ${position} behind a record of leader epoch ${positionEpoch}`;
  const isKnown = end.endOffset >= 0n && end.leaderEpoch >= 0;
  const safe = isKnown
    ? `the logs part at offset ${end.endOffset}, at the end of epoch ${end.leaderEpoch}`
    : 'the leader does not know where the logs part';
  if (policy === 'none') {
    return clientError(
      'LOG_TRUNCATION',
      `The log of ${where}: ${safe}. Records read since may be gone; to go on, seek${isKnown ? ' to it' : ''}`,
    );
  }
  if (isKnown) {
    cluster.logger.info(`The log of ${where}: going back, ${safe}`);
    const { endOffset, leaderEpoch } = end;
    positions.seek(state, endOffset, { leaderEpoch, isFromLeader: true });
  } else {
    cluster.logger.info(`The log of ${where}: ${safe}; applying auto.offset.reset`);
    positions.reset(state);
  }
  return null;
}

function refusal(positions: Positions, { topic, partition }: PartitionState, code: number) {
  positions.needMetadata();
  return brokerError(
    code,
    `Cannot validate the position in partition ${partition} of topic "${topic}"`,
  );
}
