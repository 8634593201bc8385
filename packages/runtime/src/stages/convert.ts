import type {
  ConsumedRecords,
  ConsumerRecord,
  ProducerRecord,
  RecordHeader,
} from '@tributary/kafka';
import {
  ConnectError,
  type HeaderConverter,
  Headers,
  type Schema,
  SinkRecord,
  type SourceRecord,
} from '@tributary/sdk';
import type { Link } from './transformation-chain.ts';
import type { Conversion, Converters, FailedStage } from './types.ts';

const noHeaders: readonly RecordHeader[] = [];

/**
 * Source record -> record for the producer: transformations, then headers, key, value. Converters get the topic after the transformations.
 * Source: Kafka Connect `AbstractWorkerSourceTask.convertTransformedRecord`.
 */
export function createSourceConversion(
  chain: readonly Link<SourceRecord>[],
  converters: Converters,
): Conversion<SourceRecord, ProducerRecord> {
  const headerStep = chain.length;
  const keyStep = headerStep + 1;
  const header = converters.header.plugin;
  const keyConverter = converters.key.plugin;
  const valueConverter = converters.value.plugin;
  let step = 0;
  let current: SourceRecord;
  let headers = noHeaders;
  let key: Uint8Array | null = null;

  const resume = (): ProducerRecord | null => {
    while (step < headerStep) {
      const next = (chain[step] as Link<SourceRecord>).apply(current);
      if (next === null) return null;
      current = next;
      step += 1;
    }
    const { topic } = current;
    const connectHeaders = current.headersOrNull;
    if (step === headerStep) {
      headers = connectHeaders === null ? noHeaders : encodeHeaders(header, topic, connectHeaders);
      step += 1;
    }
    if (step === keyStep) {
      key = keyConverter.fromConnectData(topic, current.keySchema, current.key, connectHeaders);
      step += 1;
    }
    const { valueSchema } = current;
    const value = valueConverter.fromConnectData(topic, valueSchema, current.value, connectHeaders);
    return {
      topic,
      partition: current.kafkaPartition,
      timestamp: current.timestamp,
      key,
      value,
      headers,
    };
  };

  return {
    convert(record) {
      step = 0;
      current = record;
      return resume();
    },
    resume,
    failedStage() {
      if (step < headerStep) return transformationAt(chain, step);
      if (step === headerStep) return stageOf('HEADER_CONVERTER', converters.header);
      if (step === keyStep) return stageOf('KEY_CONVERTER', converters.key);
      return stageOf('VALUE_CONVERTER', converters.value);
    },
  };
}

/** Epoch milliseconds or none; Connect writes none as -1, too. Any other negative time fails the task whatever the tolerance. */
export function checkTimestamp(timestamp: number | null): number | null {
  if (timestamp === null || timestamp >= 0) return timestamp;
  if (timestamp === -1) return null;
  throw new InvalidRecordError(`Invalid record timestamp ${timestamp}`);
}

class InvalidRecordError extends ConnectError {
  static override readonly kind: string = 'InvalidRecordError';
  static override readonly javaName: string = 'org.apache.kafka.common.InvalidRecordException';
}

/**
 * Consumed record -> sink record: key, value, headers, then transformations. Converters get the consumed topic.
 * `begin` names the partition of the records that follow.
 * Source: Kafka Connect `WorkerSinkTask.convertAndTransformRecord`.
 */
export function createSinkConversion(
  chain: readonly Link<SinkRecord>[],
  converters: Converters,
): Conversion<ConsumerRecord, SinkRecord> & { begin(from: ConsumedRecords): void } {
  const keyStep = 0;
  const valueStep = 1;
  const headerStep = 2;
  const chainStep = 3;
  const keyConverter = converters.key.plugin;
  const valueConverter = converters.value.plugin;
  const header = converters.header.plugin;
  let from: ConsumedRecords;
  let input: ConsumerRecord;
  let step = 0;
  let keySchema: Schema | null = null;
  let key: unknown = null;
  let valueSchema: Schema | null = null;
  let value: unknown = null;
  let current: SinkRecord;

  const resume = (): SinkRecord | null => {
    const { topic } = from;
    if (step < chainStep) {
      const raw = input.headers.length === 0 ? null : input.headers;
      if (step === keyStep) {
        ({ schema: keySchema, value: key } = keyConverter.toConnectData(topic, input.key, null));
        step = valueStep;
      }
      if (step === valueStep) {
        ({ schema: valueSchema, value } = valueConverter.toConnectData(topic, input.value, null));
        step = headerStep;
      }
      const headers = raw === null ? null : decodeHeaders(header, topic, raw);
      step = chainStep;
      current = new SinkRecord(
        topic,
        from.partition,
        keySchema,
        key,
        valueSchema,
        value,
        input.offset,
        input.timestamp === -1 ? null : input.timestamp,
        from.timestampType,
        headers,
      );
    }
    for (let at = step - chainStep; at < chain.length; at += 1) {
      const next = (chain[at] as Link<SinkRecord>).apply(current);
      if (next === null) return null;
      current = next;
      step += 1;
    }
    return current;
  };

  return {
    begin(records) {
      from = records;
    },
    convert(record) {
      step = keyStep;
      input = record;
      return resume();
    },
    resume,
    failedStage() {
      if (step === keyStep) return stageOf('KEY_CONVERTER', converters.key);
      if (step === valueStep) return stageOf('VALUE_CONVERTER', converters.value);
      if (step === headerStep) return stageOf('HEADER_CONVERTER', converters.header);
      return transformationAt(chain, step - chainStep);
    },
  };
}

function encodeHeaders(
  converter: HeaderConverter,
  topic: string,
  headers: Headers,
): readonly RecordHeader[] {
  if (headers.isEmpty) return noHeaders;
  const encoded: RecordHeader[] = [];
  for (const { key, schema, value } of headers) {
    encoded.push({ key, value: converter.fromConnectHeader(topic, key, schema, value) });
  }
  return encoded;
}

function decodeHeaders(
  converter: HeaderConverter,
  topic: string,
  headers: readonly RecordHeader[],
): Headers {
  const decoded = new Headers();
  for (const { key, value } of headers) {
    decoded.addSchemaAndValue(key, converter.toConnectHeader(topic, key, value));
  }
  return decoded;
}

function transformationAt(
  chain: readonly { readonly className: string }[],
  index: number,
): FailedStage {
  return { stage: 'TRANSFORMATION', className: chain[index]?.className ?? '' };
}

function stageOf(
  stage: FailedStage['stage'],
  { className }: { readonly className: string },
): FailedStage {
  return { stage, className };
}
