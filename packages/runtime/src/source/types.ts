/** What the source spine and its steps share. (no I/O) */
import type { Admin, KafkaError, Producer, ProducerRecord } from '@tributary/kafka';
import type { SourceRecord, SourceTask } from '@tributary/sdk';
import type { Clock } from '../clock.ts';
import type { OffsetEntry } from '../hosts/messages.ts';
import type { Logger } from '../logger.ts';
import type { Conversion, Report, TolerancePolicy } from '../stages/types.ts';
import type { SubmittedRecords } from './submitted-records.ts';

export interface SourceContext {
  readonly taskName: string;
  readonly task: SourceTask;
  readonly conversion: Conversion<SourceRecord, ProducerRecord>;
  readonly producer: Producer;
  /** Makes missing topics; null leaves that to the brokers. */
  readonly topics: TopicCreation | null;
  readonly ledger: SubmittedRecords;
  readonly policy: TolerancePolicy;
  readonly report: Report | null;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After every acknowledgement. */
  topicUsed(topic: string): void;
  /** The first record that Kafka refused and that may not be dropped: the task has to fail. */
  onRefused(error: KafkaError): void;
}

export interface TopicCreation {
  readonly admin: Admin;
  readonly groups: readonly TopicGroup[];
  /** Topics that exist as far as this task knows. */
  readonly known: Set<string>;
}

/** One of `topic.creation.groups`, or the default group, which comes last and matches everything. */
export interface TopicGroup {
  readonly name: string;
  readonly replicationFactor: number;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
  matches(topic: string): boolean;
}

/** Records ready to be sent, and beside each the one it came from. */
export interface Converted {
  readonly produced: ProducerRecord[];
  readonly sources: SourceRecord[];
}

/** Source offsets of one connector. */
export interface OffsetWriter {
  write(entries: readonly OffsetEntry[], signal: AbortSignal): Promise<unknown>;
}
