import { errorCodes, type FetchRequest } from '@tributary/wire';
import type { PartitionState } from './positions.ts';

/** What was asked of one partition, and when. */
export interface Asked {
  readonly state: PartitionState;
  /** The state's epoch at that time: a seek since makes the answer void. */
  readonly epoch: number;
  readonly topicId: string;
  readonly fetchOffset: bigint;
  readonly leaderEpoch: number;
  readonly lastFetchedEpoch: number;
}

type SessionRequest = Required<
  Pick<FetchRequest, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'>
>;

const firstVersionWithSessions = 7;
export const lastVersionWithNames = 12;
const firstVersionWithFetchedEpoch = 12;
const noSession = 0;
const newSessionEpoch = 0;
const lastEpoch = 2 ** 31 - 1;

/**
 * The fetch session with one broker: what the broker knows to be wanted is not sent again, and what is not answered has no news. (no I/O)
 * A request that is refused for the session's sake, or whose fate is not known, is followed by one that names everything and begins another session.
 * One request at a time: `next`, then `take` or `fail`.
 * Source: KIP-227, KIP-516, Kafka `FetchSessionHandler`.
 */
export class FetchSession {
  readonly #partitionMaxBytes: number;
  #id = noSession;
  #epoch = newSessionEpoch;
  #usesTopicIds = false;
  #asked = new Map<string, Asked>();
  #names = new Map<string, string>();

  constructor(partitionMaxBytes: number) {
    this.#partitionMaxBytes = partitionMaxBytes;
  }

  /** 0: there is none. */
  get id(): number {
    return this.#id;
  }

  /** The parts of the next request of this version that say what is wanted: all of `states`. */
  next(states: readonly PartitionState[], version: number): SessionRequest {
    const usesTopicIds = version > lastVersionWithNames;
    if (usesTopicIds !== this.#usesTopicIds || version < firstVersionWithSessions) this.#begin();
    this.#usesTopicIds = usesTopicIds;
    const before = this.#asked;
    const isFull = this.#epoch === newSessionEpoch;
    this.#asked = new Map();
    this.#names = new Map();
    const changed: Asked[] = [];
    for (const state of states) {
      const known = isFull ? undefined : before.get(state.key);
      const asked = isUnchanged(known, state) ? known : ask(state);
      this.#asked.set(state.key, asked);
      this.#names.set(state.topicId, state.topic);
      if (asked !== known) changed.push(asked);
    }
    const forgotten = isFull ? [] : [...before.values()].filter((asked) => this.#isGone(asked));
    const hasSession = version >= firstVersionWithSessions;
    return {
      sessionId: this.#id,
      sessionEpoch: hasSession ? this.#epoch : -1,
      topics: byTopic(changed, (asked) => this.#wanted(asked, version)),
      forgottenTopicsData: byTopic(forgotten, ({ state }) => state.partition),
    };
  }

  /** What an answer is for; by name, or by id where the request was. Undefined: it was not asked for. */
  askedFor(
    { topic, topicId }: { topic: string; topicId: string },
    partition: number,
  ): Asked | undefined {
    const name = this.#usesTopicIds ? this.#names.get(topicId) : topic;
    return this.#asked.get(`${name} ${partition}`);
  }

  /** False when the broker refused the request because of the session that it went on with: the next one begins another. */
  take({ errorCode, sessionId }: { errorCode: number; sessionId: number }): boolean {
    if (errorCode !== 0) {
      const wasNew = this.#epoch === newSessionEpoch;
      if (errorCode === errorCodes.FETCH_SESSION_ID_NOT_FOUND) this.#id = noSession;
      this.#begin();
      return wasNew || !sessionErrors.has(errorCode);
    }
    this.#id = sessionId;
    if (sessionId === noSession) this.#begin();
    else this.#epoch = this.#epoch === lastEpoch ? 1 : this.#epoch + 1;
    return true;
  }

  /** No answer came: whether the broker has seen the request nobody knows. */
  fail(): void {
    this.#begin();
  }

  /** The session that the broker has is ended by the one that is begun. */
  #begin(): void {
    this.#epoch = newSessionEpoch;
  }

  /** Wanted no more, or as part of another topic of the same name. */
  #isGone({ state, topicId }: Asked): boolean {
    const now = this.#asked.get(state.key);
    return now === undefined || (this.#usesTopicIds && now.topicId !== topicId);
  }

  #wanted({ state, fetchOffset, leaderEpoch, lastFetchedEpoch }: Asked, version: number) {
    return {
      partition: state.partition,
      fetchOffset,
      currentLeaderEpoch: leaderEpoch,
      lastFetchedEpoch: version >= firstVersionWithFetchedEpoch ? lastFetchedEpoch : -1,
      partitionMaxBytes: this.#partitionMaxBytes,
    };
  }
}

const sessionErrors: ReadonlySet<number> = new Set([
  errorCodes.FETCH_SESSION_ID_NOT_FOUND,
  errorCodes.INVALID_FETCH_SESSION_EPOCH,
  errorCodes.FETCH_SESSION_TOPIC_ID_ERROR,
]);

function isUnchanged(known: Asked | undefined, state: PartitionState): known is Asked {
  return (
    known !== undefined &&
    known.state === state &&
    known.epoch === state.epoch &&
    known.topicId === state.topicId &&
    known.fetchOffset === state.fetchOffset &&
    known.leaderEpoch === state.leaderEpoch &&
    known.lastFetchedEpoch === lastFetchedEpochOf(state)
  );
}

function ask(state: PartitionState): Asked {
  const { epoch, topicId, fetchOffset, leaderEpoch } = state;
  const lastFetchedEpoch = lastFetchedEpochOf(state);
  return { state, epoch, topicId, fetchOffset, leaderEpoch, lastFetchedEpoch };
}

/** A follower may not know the newest epoch yet, and would call the position out of range. */
function lastFetchedEpochOf(state: PartitionState): number {
  return state.preferredReplica < 0 ? state.fetchEpoch : -1;
}

function byTopic<T>(
  asked: readonly Asked[],
  partitionOf: (asked: Asked) => T,
): { topic: string; topicId: string; partitions: T[] }[] {
  const topics = new Map<string, { topic: string; topicId: string; partitions: T[] }>();
  for (const each of asked) {
    const { topicId, state } = each;
    const key = `${topicId} ${state.topic}`;
    const known = topics.get(key);
    if (known !== undefined) known.partitions.push(partitionOf(each));
    else topics.set(key, { topic: state.topic, topicId, partitions: [partitionOf(each)] });
  }
  return [...topics.values()];
}
