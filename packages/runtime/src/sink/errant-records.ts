import type { TopicPartition } from '@tributary/kafka';
import { type ErrantRecordReporter, SinkRecord } from '@tributary/sdk';
import { keyOf } from '../partition-key.ts';
import type { Consumed, Report, TolerancePolicy } from '../stages/types.ts';

/** A record that knows the bytes it came from; made only where a reporter may ask for them. Source: Kafka Connect `InternalSinkRecord`. */
export class ReportableRecord extends SinkRecord {
  readonly #consumed: Consumed;

  constructor(record: SinkRecord, consumed: Consumed) {
    super(
      record.topic,
      record.kafkaPartition,
      record.keySchema,
      record.key,
      record.valueSchema,
      record.value,
      record.offset,
      record.timestamp,
      record.timestampType,
      record.headersOrNull,
      record.originalTopic,
      record.originalKafkaPartition,
      record.originalOffset,
    );
    this.#consumed = consumed;
  }

  static consumed(record: SinkRecord): Consumed | null {
    return #consumed in record ? record.#consumed : null;
  }

  override newRecord(changes: Parameters<SinkRecord['newRecord']>[0]): this {
    return new ReportableRecord(super.newRecord(changes), this.#consumed) as this;
  }
}

/** Reports that are not written yet, by the partition of their record. Offsets must not move past them. */
export interface ErrantRecords {
  readonly reporter: ErrantRecordReporter;
  track(partition: TopicPartition, report: Promise<void>): void;
  /** Rejects once a report could not be written: no offset may move any more. */
  untilReported(partitions: readonly TopicPartition[]): Promise<void>;
  /** A record that may not be tolerated, which the task was told and may have swallowed; or one whose report could not be written. */
  readonly failure: { error: unknown } | null;
}

/** Source: Kafka Connect `WorkerErrantRecordReporter` (KIP-610). */
export function createErrantRecords(options: {
  report: Report;
  policy: TolerancePolicy;
  /** For records that the task made itself: bytes by the task's own converters. */
  serialize(record: SinkRecord): Consumed;
  tolerate(error: unknown, policy: TolerancePolicy): void;
}): ErrantRecords {
  const pending = new Map<string, Set<Promise<void>>>();
  let failure: { error: unknown } | null = null;
  let unreported: { error: unknown } | null = null;

  const track = (partition: TopicPartition, report: Promise<void>): void => {
    const key = keyOf(partition);
    const reports = pending.get(key) ?? new Set();
    pending.set(key, reports);
    reports.add(report);
    const done = (): void => {
      reports.delete(report);
      if (reports.size === 0 && pending.get(key) === reports) pending.delete(key);
    };
    report.then(done, (error: unknown) => {
      unreported ??= { error };
      done();
    });
  };

  return {
    get failure() {
      return failure ?? unreported;
    },
    track,
    async untilReported(partitions) {
      const reports = partitions.flatMap((each) => [...(pending.get(keyOf(each)) ?? [])]);
      if (reports.length > 0) await Promise.all(reports);
      if (unreported !== null) throw unreported.error;
    },
    reporter: {
      report(record, error) {
        const consumed = ReportableRecord.consumed(record) ?? options.serialize(record);
        const written = options.report({
          stage: 'TASK_PUT',
          className: 'org.apache.kafka.connect.sink.SinkTask',
          error,
          source: null,
          consumed,
        });
        track(consumed.from, written);
        try {
          options.tolerate(error, options.policy);
        } catch (refusal) {
          failure ??= { error: refusal };
          throw refusal;
        }
        return written;
      },
    },
  };
}
