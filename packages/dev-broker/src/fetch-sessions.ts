import { randomBytes } from 'node:crypto';
import {
  type Decoded,
  errorCodes,
  type FetchRequest,
  type FetchResponse,
  zeroUuid,
} from '@tributary/wire';
import type { Clock } from './clock.ts';

type RequestTopic = Decoded<FetchRequest>['topics'][number];
type PartitionAnswer = FetchResponse['responses'][number]['partitions'][number];

/** One partition as a fetch asks for it. By name (`topicId` is zero) up to version 12, by id (`topic` is empty) from 13 on. */
export interface WantedPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly wanted: RequestTopic['partitions'][number];
}

/** What a session remembers of a partition: what is asked, and what was last told. */
interface SessionPartition {
  asked: WantedPartition;
  /** -1 behind an error, so that the end of the error is told. */
  highWatermark: bigint;
  logStartOffset: bigint;
}

interface Session {
  readonly id: number;
  readonly usesTopicIds: boolean;
  readonly createdMs: number;
  usedMs: number;
  /** Of the next request. */
  epoch: number;
  /** In the order in which they are read: what had records goes behind the others. */
  readonly partitions: Map<string, SessionPartition>;
}

/** How one request is read and answered. */
export type FetchContext =
  | { readonly kind: 'refused'; readonly errorCode: number; readonly sessionId: number }
  /** All that is wanted is in the request, and is answered. */
  | {
      readonly kind: 'full';
      readonly partitions: readonly WantedPartition[];
      readonly mayBeginSession: boolean;
    }
  /** What is wanted is known from before; only news are answered. */
  | {
      readonly kind: 'incremental';
      readonly partitions: readonly WantedPartition[];
      readonly session: Session;
      readonly epoch: number;
    };

/** A session that was not used, or is at least as old, for this long makes room for another. */
const evictionMs = 120_000;
const lastEpoch = 2 ** 31 - 1;

/**
 * Incremental fetch sessions, at most `slots` of them. A new one takes the place of the one that was used least lately, when that is long ago, or of the smallest of the old ones, when it has
 * more partitions; otherwise the client gets none and sends all its partitions each time.
 * Source: KIP-227, Kafka `FetchSessionCache`, `FetchManager`.
 */
export class FetchSessions {
  readonly #slots: number;
  readonly #clock: Clock;
  /** Least lately used first. */
  readonly #sessions = new Map<number, Session>();

  constructor(slots: number, clock: Clock) {
    this.#slots = slots;
    this.#clock = clock;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** What a request wants, by itself and by its session. */
  begin(request: Decoded<FetchRequest>, version: number): FetchContext {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch === -1 || sessionEpoch === 0) {
      // -1 ends a session, 0 begins one in its place.
      this.#sessions.delete(sessionId);
      const partitions = flatten(request.topics);
      return { kind: 'full', partitions, mayBeginSession: sessionEpoch === 0 };
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return refused(errorCodes.FETCH_SESSION_ID_NOT_FOUND, 0);
    if (session.usesTopicIds !== version >= 13) {
      return refused(errorCodes.FETCH_SESSION_TOPIC_ID_ERROR, sessionId);
    }
    if (session.epoch !== sessionEpoch) {
      return refused(errorCodes.INVALID_FETCH_SESSION_EPOCH, sessionId);
    }
    change(session, request);
    if (session.partitions.size === 0) {
      this.#sessions.delete(sessionId);
      return { kind: 'full', partitions: [], mayBeginSession: false };
    }
    session.usedMs = this.#clock.now();
    this.#sessions.delete(sessionId);
    this.#sessions.set(sessionId, session);
    session.epoch = session.epoch === lastEpoch ? 1 : session.epoch + 1;
    const partitions = [...session.partitions.values()].map(({ asked }) => asked);
    return { kind: 'incremental', partitions, session, epoch: session.epoch };
  }

  /** The answer: `answers` are those of `context.partitions`, in their order. */
  end(
    context: Exclude<FetchContext, { kind: 'refused' }>,
    answers: readonly PartitionAnswer[],
    version: number,
  ): FetchResponse {
    if (context.kind === 'full') {
      const sessionId = context.mayBeginSession ? this.#open(context, answers, version) : 0;
      const responses = group(context.partitions, answers, version);
      return { errorCode: errorCodes.NONE, sessionId, responses };
    }
    const { session, partitions } = context;
    if (session.epoch !== context.epoch) {
      // Another request of the session came in between.
      return {
        errorCode: errorCodes.INVALID_FETCH_SESSION_EPOCH,
        sessionId: session.id,
        responses: [],
      };
    }
    const told = partitions.map((asked, index) => tell(session, asked, answers[index]));
    const responses = group(
      partitions.filter((_, index) => told[index]),
      answers.filter((_, index) => told[index]),
      version,
    );
    return { errorCode: errorCodes.NONE, sessionId: session.id, responses };
  }

  /** The new session's id; 0 when there is no place for it. */
  #open(
    { partitions }: Extract<FetchContext, { kind: 'full' }>,
    answers: readonly PartitionAnswer[],
    version: number,
  ): number {
    if (partitions.length === 0 || !this.#makeRoom(partitions.length)) return 0;
    let id = randomId();
    while (this.#sessions.has(id)) id = randomId();
    const nowMs = this.#clock.now();
    const session: Session = {
      id,
      usesTopicIds: version >= 13,
      createdMs: nowMs,
      usedMs: nowMs,
      epoch: 1,
      partitions: new Map(partitions.map((asked) => [keyOf(asked), remembered(asked)])),
    };
    for (const [index, asked] of partitions.entries()) tell(session, asked, answers[index]);
    this.#sessions.set(id, session);
    return id;
  }

  #makeRoom(size: number): boolean {
    if (this.#sessions.size < this.#slots) return true;
    const longAgoMs = this.#clock.now() - evictionMs;
    const [stalest] = this.#sessions.values();
    if (stalest !== undefined && stalest.usedMs < longAgoMs)
      return this.#sessions.delete(stalest.id);
    let smallest: Session | undefined;
    for (const session of this.#sessions.values()) {
      if (session.createdMs >= longAgoMs) continue;
      if (session.partitions.size < (smallest?.partitions.size ?? size)) smallest = session;
    }
    return smallest !== undefined && this.#sessions.delete(smallest.id);
  }
}

/** 1 to 2^31 - 1. */
function randomId(): number {
  return randomBytes(4).readUInt32BE() >>> 1 || 1;
}

function refused(errorCode: number, sessionId: number): FetchContext {
  return { kind: 'refused', errorCode, sessionId };
}

function change(session: Session, request: Decoded<FetchRequest>): void {
  for (const asked of flatten(request.topics)) {
    const known = session.partitions.get(keyOf(asked));
    if (known === undefined) session.partitions.set(keyOf(asked), remembered(asked));
    else known.asked = asked;
  }
  for (const { topic, topicId, partitions } of request.forgottenTopicsData) {
    for (const partition of partitions) {
      session.partitions.delete(`${topicId === zeroUuid ? topic : topicId} ${partition}`);
    }
  }
}

function remembered(asked: WantedPartition): SessionPartition {
  return { asked, highWatermark: -1n, logStartOffset: -1n };
}

/** True when the answer has news; they are taken for told. */
function tell(
  session: Session,
  asked: WantedPartition,
  answer: PartitionAnswer | undefined,
): boolean {
  const key = keyOf(asked);
  const known = session.partitions.get(key);
  if (known === undefined || answer === undefined) return false;
  const hasRecords = (answer.records?.length ?? 0) > 0;
  const isFailed = answer.errorCode !== errorCodes.NONE;
  const highWatermark = isFailed ? -1n : answer.highWatermark;
  const logStartOffset = answer.logStartOffset ?? -1n;
  const hasNews =
    hasRecords ||
    isFailed ||
    answer.divergingEpoch !== undefined ||
    known.highWatermark !== highWatermark ||
    known.logStartOffset !== logStartOffset;
  known.highWatermark = highWatermark;
  known.logStartOffset = logStartOffset;
  if (hasRecords) {
    session.partitions.delete(key);
    session.partitions.set(key, known);
  }
  return hasNews;
}

function flatten(topics: readonly RequestTopic[]): WantedPartition[] {
  return topics.flatMap(({ topic, topicId, partitions }) =>
    partitions.map((wanted) => ({ topic, topicId, wanted })),
  );
}

/** Neighbours of the same topic go into one entry. */
function group(
  partitions: readonly WantedPartition[],
  answers: readonly PartitionAnswer[],
  version: number,
): FetchResponse['responses'] {
  const responses: {
    topic?: string;
    topicId?: string;
    partitions: PartitionAnswer[];
  }[] = [];
  let last: WantedPartition | undefined;
  for (const [index, asked] of partitions.entries()) {
    const { topic, topicId } = asked;
    if (last === undefined || last.topic !== topic || last.topicId !== topicId) {
      responses.push({ ...(version >= 13 ? { topicId } : { topic }), partitions: [] });
      last = asked;
    }
    responses.at(-1)?.partitions.push(answers[index] as PartitionAnswer);
  }
  return responses;
}

function keyOf({ topic, topicId, wanted }: WantedPartition): string {
  return `${topicId === zeroUuid ? topic : topicId} ${wanted.partition}`;
}
