import {
  type Decoded,
  errorCodes,
  type FetchRequest,
  type FetchResponse,
  fetchApi,
} from '@tributary/wire';
import type { Broker } from '../broker.ts';
import type { FetchContext, WantedPartition } from '../fetch-sessions.ts';
import { type Call, defineHandler } from '../handler.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { abortedBetween } from '../log/transaction-index.ts';
import { checkLeaderEpoch } from './check-leader-epoch.ts';

// Versions 4-18. Waits until there are minBytes, maxWaitMs are over, or a partition has an error. Left out: replicas.

type PartitionResponse = FetchResponse['responses'][number]['partitions'][number];
type PartitionRequest = Decoded<FetchRequest>['topics'][number]['partitions'][number];
type OpenContext = Exclude<FetchContext, { kind: 'refused' }>;

interface Collected {
  /** One for each partition that is wanted, in order. */
  readonly answers: readonly PartitionResponse[];
  readonly bytes: number;
  /** An error or a cut log: to be told at once. */
  readonly isUrgent: boolean;
  readonly logs: readonly PartitionLog[];
}

export const fetch = defineHandler({
  api: fetchApi,
  minVersion: 4,
  maxVersion: 18,
  handle(broker, request, call) {
    const context = broker.fetchSessions.begin(request, call.version);
    if (context.kind === 'refused') {
      return { errorCode: context.errorCode, sessionId: context.sessionId, responses: [] };
    }
    const collected = collect(broker, request, context.partitions, call.version);
    const isDone = isEnough(collected, request) || request.maxWaitMs <= 0;
    if (isDone) return broker.fetchSessions.end(context, collected.answers, call.version);
    return waitForMore(broker, request, context, call, collected);
  },
  fail(request, errorCode, { version }) {
    const responses = request.topics.map(({ topic, topicId, partitions }) => ({
      ...(version >= 13 ? { topicId } : { topic }),
      partitions: partitions.map(({ partition }) => refused(partition, errorCode)),
    }));
    return { errorCode: version >= 7 ? errorCode : errorCodes.NONE, responses };
  },
});

function isEnough(
  { answers, bytes, isUrgent }: Collected,
  { minBytes }: Decoded<FetchRequest>,
): boolean {
  return isUrgent || bytes >= minBytes || answers.length === 0;
}

function waitForMore(
  broker: Broker,
  request: Decoded<FetchRequest>,
  context: OpenContext,
  { version, signal }: Call,
  { logs, bytes }: Collected,
): Promise<FetchResponse | 'close'> {
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      signal.removeEventListener('abort', gone);
      for (const log of logs) log.watchers.delete(look);
    };
    const answer = ({ answers }: Collected) => {
      end();
      resolve(broker.fetchSessions.end(context, answers, version));
    };
    let expectedBytes = bytes;
    const look = (appendedBytes: number) => {
      expectedBytes += appendedBytes;
      // Reading is dear: not before there can be enough.
      if (expectedBytes < request.minBytes) return;
      const collected = collect(broker, request, context.partitions, version);
      if (isEnough(collected, request)) answer(collected);
    };
    const timer = broker.clock.after(request.maxWaitMs, () => {
      answer(collect(broker, request, context.partitions, version));
    });
    const gone = () => {
      end();
      resolve('close');
    };
    signal.addEventListener('abort', gone);
    for (const log of logs) log.watchers.add(look);
  });
}

/** Partitions are filled in their order; the first that has records gets a whole batch, however large. */
function collect(
  broker: Broker,
  request: Decoded<FetchRequest>,
  partitions: readonly WantedPartition[],
  version: number,
): Collected {
  let bytesLeft = Math.min(request.maxBytes, broker.config['fetch.max.bytes']);
  let bytes = 0;
  let isUrgent = false;
  const logs: PartitionLog[] = [];
  const unknown =
    version >= 13 ? errorCodes.UNKNOWN_TOPIC_ID : errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
  const answers = partitions.map(({ topic: name, topicId, wanted }) => {
    const topic = version >= 13 ? broker.topicById(topicId) : broker.topic(name);
    if (topic === undefined) {
      isUrgent = true;
      return refused(wanted.partition, unknown);
    }
    const log = broker.log(topic.name, wanted.partition);
    if (log === undefined) {
      isUrgent = true;
      return refused(wanted.partition, errorCodes.UNKNOWN_TOPIC_OR_PARTITION);
    }
    logs.push(log);
    const answer = readPartition(log, wanted, request.isolationLevel, bytesLeft, bytes === 0);
    const size = answer.records?.length ?? 0;
    bytes += size;
    bytesLeft -= size;
    isUrgent ||= answer.errorCode !== errorCodes.NONE || answer.divergingEpoch !== undefined;
    return answer;
  });
  return { answers, bytes, isUrgent, logs };
}

function readPartition(
  log: PartitionLog,
  wanted: PartitionRequest,
  isolationLevel: number,
  bytesLeft: number,
  mustProgress: boolean,
): PartitionResponse {
  const { partition } = wanted;
  const epochError = checkLeaderEpoch(wanted.currentLeaderEpoch);
  if (epochError !== errorCodes.NONE) return refused(partition, epochError);
  const offset = Number(wanted.fetchOffset);
  if (wanted.lastFetchedEpoch === leaderEpoch && offset > log.endOffset) {
    // The log has lost what the client read.
    const divergingEpoch = { epoch: leaderEpoch, endOffset: BigInt(log.endOffset) };
    return { ...positions(log, partition, errorCodes.NONE), divergingEpoch, records: noBytes };
  }
  if (offset < log.startOffset || offset > log.endOffset) {
    return { ...positions(log, partition, errorCodes.OFFSET_OUT_OF_RANGE), records: noBytes };
  }
  const isCommittedOnly = isolationLevel === 1;
  const limitOffset = isCommittedOnly ? log.lastStableOffset : log.endOffset;
  const maxBytes = Math.min(wanted.partitionMaxBytes, bytesLeft);
  const { records, endOffset } = log.read(offset, maxBytes, limitOffset, mustProgress);
  const aborted = isCommittedOnly ? abortedBetween(log.transactions, offset, endOffset) : null;
  return {
    ...positions(log, partition, errorCodes.NONE),
    abortedTransactions:
      aborted?.map(({ producerId, firstOffset }) => {
        return { producerId, firstOffset: BigInt(firstOffset) };
      }) ?? null,
    records,
  };
}

function positions(
  log: PartitionLog,
  partitionIndex: number,
  errorCode: number,
): Omit<PartitionResponse, 'records'> {
  return {
    partitionIndex,
    errorCode,
    highWatermark: BigInt(log.endOffset),
    lastStableOffset: BigInt(log.lastStableOffset),
    logStartOffset: BigInt(log.startOffset),
    abortedTransactions: null,
  };
}

/** There is one leader for ever. */
const leaderEpoch = 0;
const noBytes = Buffer.alloc(0);

function refused(partitionIndex: number, errorCode: number): PartitionResponse {
  return {
    partitionIndex,
    errorCode,
    highWatermark: -1n,
    abortedTransactions: null,
    records: noBytes,
  };
}
