import {
  ConfigError,
  DataError,
  defineConfig,
  int,
  isStruct,
  list,
  type Struct,
  string,
  type TransformationPlugin,
  validator,
} from '@tributary/sdk';
import { debezium } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { javaSplit } from '../java-split.ts';
import { deleteOperation, envelopeOf, truncateOperation } from './envelope.ts';
import { javaHashCode, murmurHash } from './record-hash.ts';

const messageOperation = 'm';

const config = defineConfig(
  list('partition.payload.fields', {
    importance: 'HIGH',
    validator: validator('fields without empty names', (name, value) => {
      const fields = (value ?? []) as readonly string[];
      if (fields.length === 0) throw new ConfigError(name, value, 'A value is required');
      if (fields.includes('')) {
        throw new ConfigError(name, value, 'Empty string element(s) not permitted');
      }
    }),
    doc: 'Fields of the change event that decide the partition: after.name, source.table; change.name is of before for deletes, else of after.',
  }),
  int('partition.topic.num', {
    importance: 'HIGH',
    min: 1,
    doc: 'Number of partitions of the topic.',
  }),
  string('partition.hash.function', {
    default: 'java',
    importance: 'LOW',
    doc: 'How the fields are hashed: java or murmur.',
  }),
);

/** Sends change events to the partition that fields of them decide. */
export const partitionRouting: TransformationPlugin = defineTransformation(
  `${debezium}.partitions.PartitionRouting`,
  config,
  (options) => {
    const paths = options['partition.payload.fields'].map(parsePath);
    const partitions = options['partition.topic.num'];
    // Any other word means java, too.
    const isMurmur = options['partition.hash.function'].trim().toLowerCase() === 'murmur';
    const hashOf = isMurmur ? murmurHash : javaHashCode;

    return (record) => {
      const event = record.value === null ? null : envelopeOf(record, 'reading the change event');
      if (event === null) return record;
      const operation = event.schema.field('op') === null ? null : event.getString('op');
      if (operation === truncateOperation || operation === messageOperation) return record;
      let sum = 0;
      let found = 0;
      for (const path of paths) {
        const container = containerOf(event, path, operation);
        const field = container?.schema.field(path.field) ?? null;
        const value = field === null ? null : (container?.get(field) ?? null);
        if (field === null || value === null) continue;
        found += 1;
        sum = (sum + hashOf(value, field.schema)) | 0;
      }
      if (found === 0) return record;
      return record.newRecord({ kafkaPartition: partitionOf(sum, partitions) });
    };
  },
);

interface Path {
  readonly text: string;
  readonly parents: readonly string[];
  readonly field: string;
}

function parsePath(text: string): Path {
  const names = javaSplit(text, '.').map((name) => name.trim());
  return { text, parents: names.slice(0, -1), field: names.at(-1) as string };
}

/** Null when the event has no such fields. DataError when it has them, but one of them is null. */
function containerOf(event: Struct, path: Path, operation: string | null): Struct | null {
  let container = event;
  for (const name of path.parents) {
    const isChange = name === 'change';
    if (isChange && operation === null) return null;
    const own = isChange ? (operation === deleteOperation ? 'before' : 'after') : name;
    const field = container.schema.field(own);
    if (field === null || field.schema.type !== 'STRUCT') return null;
    const next = container.at(field.index);
    if (!isStruct(next)) {
      throw new DataError(
        `Cannot choose a partition by "${path.text}": "${own}" is null in a change event of operation "${operation}"; "change." leads to the row that there is`,
      );
    }
    container = next;
  }
  return container;
}

function partitionOf(hash: number, partitions: number): number {
  const positive = hash & 0x7fffffff;
  return positive === 0x7fffffff ? 0 : positive % partitions;
}
