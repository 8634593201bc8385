import {
  decodeRecords,
  errorCodes,
  type ProduceResponse,
  produceApi,
  readBatchHeader,
  setLogAppendTime,
  WireError,
} from '@tributary/wire';
import type { Broker } from '../broker.ts';
import { StorageError } from '../errors.ts';
import { defineHandler } from '../handler.ts';
import { type Batch, hasRightCrc, readBatch } from '../log/batch.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { checkSequence } from '../log/producer-state.ts';
import type { Topic } from '../state.ts';
import { topicConfigNumber, topicConfigValue } from '../topic-config.ts';
import { checkTransactionalProduce } from '../transactions/check-produce.ts';

// Versions 3-13, record batches of format 2, one per partition. Each partition succeeds or fails alone. From version 12 on a transaction need not have been told of the partition.
// Left out: acks=-1 is acks=1 (there are no replicas); compression is kept as sent (compression.type of a topic has no effect);
// the timestamps of records are not compared with message.timestamp.before/after.max.ms.

type TopicResponse = ProduceResponse['responses'][number];
type PartitionResponse = TopicResponse['partitionResponses'][number];

export const produce = defineHandler({
  api: produceApi,
  minVersion: 3,
  maxVersion: 13,
  handle(broker, request, { version }) {
    const responses = request.topicData.map(({ name, topicId, partitionData }) => {
      const topic = version >= 13 ? broker.topicById(topicId) : broker.topic(name);
      const unknown =
        version >= 13 ? errorCodes.UNKNOWN_TOPIC_ID : errorCodes.UNKNOWN_TOPIC_OR_PARTITION;
      const partitionResponses = partitionData.map(({ index, records }) => {
        const log = topic && broker.log(topic.name, index);
        if (topic === undefined) return refused(index, unknown, null);
        if (log === undefined) return refused(index, errorCodes.UNKNOWN_TOPIC_OR_PARTITION, null);
        return append(broker, topic, index, log, records, request.transactionalId, version);
      });
      return version >= 13 ? { topicId, partitionResponses } : { name, partitionResponses };
    });
    if (request.acks !== 0) return { responses };
    // There is no answer to carry an error: as Kafka does, the connection ends so that the client notices.
    const hasFailed = responses.some((one) =>
      one.partitionResponses.some((two) => two.errorCode !== 0),
    );
    return hasFailed ? 'close' : null;
  },
  fail(request, errorCode, { version }) {
    return {
      responses: request.topicData.map(({ name, topicId, partitionData }) => {
        const partitionResponses = partitionData.map(({ index }) =>
          refused(index, errorCode, null),
        );
        return version >= 13 ? { topicId, partitionResponses } : { name, partitionResponses };
      }),
    };
  },
});

function append(
  broker: Broker,
  topic: Topic,
  index: number,
  log: PartitionLog,
  records: Buffer | null,
  transactionalId: string | null,
  version: number,
): PartitionResponse {
  const batch = records === null ? undefined : readBatch(records, 0);
  if (records === null || batch === undefined) {
    return refused(index, errorCodes.INVALID_RECORD, 'there is no record batch');
  }
  const refusal =
    refuseBatch(broker, topic, batch, records, version) ??
    checkTransactionalProduce(broker, transactionalId, batch, topic.name, index, version >= 12);
  if (refusal !== undefined) return refused(index, refusal.errorCode, refusal.message);
  if (batch.producerId >= 0n) {
    const check = checkSequence(log.producers, batch);
    if (check.kind === 'refused') return refused(index, check.errorCode, check.message);
    if (check.kind === 'duplicate') {
      return written(topic, broker, log, index, check.firstOffset, check.timestampMs);
    }
  }
  const timestampMs = broker.clock.now();
  if (isLogAppendTime(topic, broker)) setLogAppendTime(records, 0, BigInt(timestampMs));
  try {
    return written(topic, broker, log, index, log.append(records), timestampMs);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    broker.logger.error(error.message);
    return refused(index, errorCodes.KAFKA_STORAGE_ERROR, error.message);
  }
}

function refuseBatch(
  broker: Broker,
  topic: Topic,
  batch: Batch,
  records: Buffer,
  version: number,
): { errorCode: number; message: string } | undefined {
  const no = (errorCode: number, message: string) => ({ errorCode, message });
  if (batch.magic !== 2) {
    return no(
      errorCodes.UNSUPPORTED_FOR_MESSAGE_FORMAT,
      `the record format is ${batch.magic}, not 2`,
    );
  }
  const maxBytes = topicConfigNumber(topic.configs, 'max.message.bytes', broker.config);
  if (batch.size > maxBytes) {
    return no(
      errorCodes.MESSAGE_TOO_LARGE,
      `the batch has ${batch.size} bytes, more than ${maxBytes}`,
    );
  }
  if (batch.size < records.length) {
    return no(errorCodes.INVALID_RECORD, 'there is more than one record batch for the partition');
  }
  if (batch.size > records.length || !hasRightCrc(records, 0)) {
    return no(errorCodes.CORRUPT_MESSAGE, 'the record batch is cut short or has a wrong checksum');
  }
  if (batch.recordCount <= 0 || batch.lastOffsetDelta !== batch.recordCount - 1) {
    return no(
      errorCodes.INVALID_RECORD,
      `the batch has ${batch.recordCount} records and the last offset delta ${batch.lastOffsetDelta}`,
    );
  }
  if (batch.isControl)
    return no(errorCodes.INVALID_RECORD, 'clients may not write control batches');
  const zstd = 4;
  if ((batch.attributes & 7) === zstd && version < 7) {
    return no(errorCodes.UNSUPPORTED_COMPRESSION_TYPE, 'zstd needs version 7 of Produce');
  }
  if (batch.producerId >= 0n && (batch.baseSequence < 0 || batch.producerEpoch < 0)) {
    return no(errorCodes.INVALID_RECORD, 'the batch has a producer id, but no epoch or sequence');
  }
  return isCompacted(topic, broker) ? refuseKeyless(records) : undefined;
}

/** Compaction goes by keys: the only topics whose records are looked into. */
function refuseKeyless(records: Buffer): { errorCode: number; message: string } | undefined {
  try {
    const keyless = decodeRecords(records, readBatchHeader(records, 0)).some(
      ({ key }) => key === null,
    );
    if (!keyless) return undefined;
    const message = 'Compacted topic cannot accept message without key';
    return { errorCode: errorCodes.INVALID_RECORD, message };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { errorCode: errorCodes.CORRUPT_MESSAGE, message: error.message };
  }
}

function written(
  topic: Topic,
  broker: Broker,
  log: PartitionLog,
  index: number,
  offset: number,
  timestampMs: number,
): PartitionResponse {
  return {
    index,
    errorCode: errorCodes.NONE,
    baseOffset: BigInt(offset),
    logAppendTimeMs: isLogAppendTime(topic, broker) ? BigInt(timestampMs) : -1n,
    logStartOffset: BigInt(log.startOffset),
    recordErrors: [],
  };
}

function refused(index: number, errorCode: number, errorMessage: string | null): PartitionResponse {
  return { index, errorCode, baseOffset: -1n, recordErrors: [], errorMessage };
}

function isLogAppendTime(topic: Topic, broker: Broker): boolean {
  return (
    topicConfigValue(topic.configs, 'message.timestamp.type', broker.config) === 'LogAppendTime'
  );
}

function isCompacted(topic: Topic, broker: Broker): boolean {
  return topicConfigValue(topic.configs, 'cleanup.policy', broker.config).includes('compact');
}
