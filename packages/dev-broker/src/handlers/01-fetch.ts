import {
  type Decoded,
  errorCodes,
  type FetchRequest,
  type FetchResponse,
  fetchApi,
} from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { type Call, defineHandler } from '../handler.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { abortedBetween } from '../log/transaction-index.ts';
import { checkLeaderEpoch } from './check-leader-epoch.ts';

// Versions 4-18. Waits until there are minBytes, maxWaitMs are over, or a partition has an error.
// Left out: sessions (every answer has session id 0, so that clients send all partitions each time), replicas, diverging epochs.

type TopicResponse = FetchResponse['responses'][number];
type PartitionResponse = TopicResponse['partitions'][number];
type PartitionRequest = Decoded<FetchRequest>['topics'][number]['partitions'][number];

interface Collected {
  readonly responses: TopicResponse[];
  readonly bytes: number;
  readonly hasError: boolean;
  readonly logs: readonly PartitionLog[];
}

export const fetch = defineHandler({
  api: fetchApi,
  minVersion: 4,
  maxVersion: 18,
  handle(broker, request, call) {
    if (request.sessionId !== 0) {
      return { errorCode: errorCodes.FETCH_SESSION_ID_NOT_FOUND, responses: [] };
    }
    const collected = collect(broker, request, call.version);
    const isDone = isEnough(collected, request) || request.maxWaitMs <= 0;
    if (isDone) return { errorCode: errorCodes.NONE, responses: collected.responses };
    return waitForMore(broker, request, call, collected);
  },
  fail(request, errorCode, { version }) {
    const responses = request.topics.map(({ topic, topicId, partitions }) => ({
      ...(version >= 13 ? { topicId } : { topic }),
      partitions: partitions.map(({ partition }) => refused(partition, errorCode)),
    }));
    return { errorCode: version >= 7 ? errorCode : errorCodes.NONE, responses };
  },
});

function isEnough({ bytes, hasError }: Collected, request: Decoded<FetchRequest>): boolean {
  return hasError || bytes >= request.minBytes || request.topics.length === 0;
}

function waitForMore(
  broker: Broker,
  request: Decoded<FetchRequest>,
  { version, signal }: Call,
  { logs, bytes }: Collected,
): Promise<FetchResponse | 'close'> {
  return new Promise((resolve) => {
    const end = () => {
      timer.cancel();
      signal.removeEventListener('abort', gone);
      for (const log of logs) log.watchers.delete(look);
    };
    let expectedBytes = bytes;
    const look = (appendedBytes: number) => {
      expectedBytes += appendedBytes;
      // Reading is dear: not before there can be enough.
      if (expectedBytes < request.minBytes) return;
      const collected = collect(broker, request, version);
      if (!isEnough(collected, request)) return;
      end();
      resolve({ errorCode: errorCodes.NONE, responses: collected.responses });
    };
    const timer = broker.clock.after(request.maxWaitMs, () => {
      end();
      const { responses } = collect(broker, request, version);
      resolve({ errorCode: errorCodes.NONE, responses });
    });
    const gone = () => {
      end();
      resolve('close');
    };
    signal.addEventListener('abort', gone);
    for (const log of logs) log.watchers.add(look);
  });
}

/** Partitions are filled in the order of the request; the first that has records gets a whole batch, however large. */
function collect(broker: Broker, request: Decoded<FetchRequest>, version: number): Collected {
  let bytesLeft = Math.min(request.maxBytes, broker.config['fetch.max.bytes']);
  let bytes = 0;
  let hasError = false;
  const logs: PartitionLog[] = [];
  const responses = request.topics.map(({ topic: name, topicId, partitions }) => {
    const topic = version >= 13 ? broker.topicById(topicId) : broker.topic(name);
    const unknown =
      version >= 13 ? errorCodes.UNKNOWN_TOPIC_ID : errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
    const read = partitions.map((wanted) => {
      const log = topic && broker.log(topic.name, wanted.partition);
      if (log !== undefined) logs.push(log);
      const response =
        log === undefined
          ? refused(
              wanted.partition,
              topic === undefined ? unknown : errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
            )
          : readPartition(log, wanted, request.isolationLevel, bytesLeft, bytes === 0);
      const size = response.records?.length ?? 0;
      bytes += size;
      bytesLeft -= size;
      hasError ||= response.errorCode !== errorCodes.NONE;
      return response;
    });
    return { ...(version >= 13 ? { topicId } : { topic: name }), partitions: read };
  });
  return { responses, bytes, hasError, logs };
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
