/** Config keys of source connectors, beyond those of every connector. (no I/O) Source: Kafka Connect `SourceConnectorConfig`. */
import {
  type ConfigKey,
  inRange,
  list,
  long,
  nonEmptyString,
  string,
  validator,
} from '@tributary/sdk';
import { uniqueAliases } from './connector-config.ts';

/** Absent is allowed: another key is asked then. */
const notNegative = validator('[0,...]', (name, value) => {
  if (value !== null) inRange(0, null).check(name, value);
});

export function sourceConnectorKeys(): ConfigKey[] {
  return [
    list('topic.creation.groups', {
      default: '',
      validator: uniqueAliases('topic creation groups'),
      importance: 'LOW',
      group: 'Topic Creation',
      order: 1,
      width: 'LONG',
      displayName: 'Topic Creation Groups',
      doc: 'Groups of topics that are created with settings of their own; "default" is always there.',
    }),
    string('exactly.once.support', {
      default: 'requested',
      oneOf: ['requested', 'required'],
      isCaseIgnored: true,
      group: 'Exactly Once Support',
      order: 2,
      width: 'SHORT',
      displayName: 'Exactly once support',
      doc: 'Whether the connector is refused ("required") where exactly-once delivery cannot be had.',
    }),
    string('transaction.boundary', {
      default: 'poll',
      oneOf: ['poll', 'interval', 'connector'],
      isCaseIgnored: true,
      group: 'Exactly Once Support',
      order: 3,
      width: 'SHORT',
      displayName: 'Transaction Boundary',
      doc: 'Where transactions end: after each poll, by time, or where the connector says.',
    }),
    long('transaction.boundary.interval.ms', {
      default: null,
      validator: notNegative,
      importance: 'LOW',
      group: 'Exactly Once Support',
      order: 4,
      width: 'SHORT',
      displayName: 'Transaction boundary interval',
      doc: "Time between transactions in milliseconds; the worker's offset.flush.interval.ms when absent.",
    }),
    string('offsets.storage.topic', {
      default: null,
      validator: nonEmptyString(),
      importance: 'LOW',
      group: 'offsets.topic',
      order: 1,
      width: 'LONG',
      displayName: 'Offsets topic',
      doc: 'Topic for the offsets of this connector alone; distributed mode only.',
    }),
  ];
}
