import {
  boolean,
  type ConnectRecord,
  defineConfig,
  type Headers,
  isStruct,
  list,
  OPTIONAL_STRING_SCHEMA,
  type Schema,
  Struct,
  string,
  type TransformationPlugin,
} from '@tributary/sdk';
import { debezium } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { perSchema } from '../per-schema.ts';
import {
  checkedCopy,
  fieldReader,
  replaceNullWithDefault,
  structWithBasics,
} from '../struct-copy.ts';
import { fieldDropper } from './drop-fields.ts';
import { envelopeOf, truncateOperation } from './envelope.ts';
import { parseReferences, referenceSchema, referenceValue } from './field-reference.ts';
import { optionalChoice } from './optional-choice.ts';

const modes = [
  'tombstone',
  'drop',
  'rewrite',
  'rewrite-with-tombstone',
  'delete-to-tombstone',
] as const;
type Mode = (typeof modes)[number];

const config = defineConfig(
  string('delete.tombstone.handling.mode', {
    default: null,
    validator: optionalChoice(...modes),
    doc: 'What becomes of deletes: tombstone (the default), drop, rewrite, rewrite-with-tombstone or delete-to-tombstone.',
  }),
  boolean('drop.tombstones', {
    default: null,
    importance: 'LOW',
    doc: 'Older way: whether tombstones are dropped; true unless set.',
  }),
  string('delete.handling.mode', {
    default: null,
    validator: optionalChoice('drop', 'rewrite', 'none'),
    doc: 'Older way: what becomes of deletes: drop, rewrite or none.',
  }),
  list('add.fields', {
    default: '',
    importance: 'LOW',
    doc: 'Facts of the event to add as fields: op, table, source.ts_ms, lsn:position.',
  }),
  string('add.fields.prefix', { default: '__', importance: 'LOW', doc: 'Begins their names.' }),
  list('add.headers', {
    default: '',
    importance: 'LOW',
    doc: 'Facts of the event to add as headers.',
  }),
  string('add.headers.prefix', { default: '__', importance: 'LOW', doc: 'Begins their names.' }),
  string('route.by.field', {
    default: '',
    importance: 'LOW',
    doc: 'Column whose value is the new topic.',
  }),
  string('drop.fields.header.name', {
    default: null,
    importance: 'LOW',
    doc: 'Header that lists fields to leave out.',
  }),
  boolean('drop.fields.from.key', {
    default: false,
    importance: 'LOW',
    doc: 'Whether they are left out of the key, too.',
  }),
  boolean('drop.fields.keep.schema.compatible', {
    default: true,
    importance: 'LOW',
    doc: 'Whether only optional fields are left out.',
  }),
  replaceNullWithDefault,
);

/** Takes the row out of a change event of Debezium. */
export const extractNewRecordState: TransformationPlugin = defineTransformation(
  `${debezium}.ExtractNewRecordState`,
  config,
  (options) => {
    const rules = readRules(options);
    const read = fieldReader(options['replace.null.with.default']);
    const headerReferences = parseReferences(options['add.headers'], options['add.headers.prefix']);
    const references = parseReferences(options['add.fields'], options['add.fields.prefix']);
    const routeBy = options['route.by.field'];
    const extended = perSchema((event) => perSchema((row) => extendSchema(event, row)));
    const dropFields = fieldDropper({
      header: options['drop.fields.header.name'],
      fromKey: options['drop.fields.from.key'],
      onlyOptional: options['drop.fields.keep.schema.compatible'],
    });

    return (record) => {
      if (record.value === null) {
        if (!rules.keepsTombstones) return null;
        return headerReferences.length === 0
          ? record
          : record.newRecord({ headers: tombstoneHeaders(record) });
      }
      const event = envelopeOf(record, 'reading the change event');
      if (event === null) return record;
      if (hasOperation(event, truncateOperation)) return null;
      const marked = record.newRecord({ headers: eventHeaders(record, event) });
      const after = event.get('after');
      if (after === null) return applyDelete(marked, event);
      return dropFields(applyRow(marked, event, after, 'after', 'false'));
    };

    function applyDelete(record: ConnectRecord, event: Struct): ConnectRecord | null {
      const before = event.schema.field('before') === null ? null : event.get('before');
      const topic = topicFrom(before) ?? record.topic;
      switch (rules.deletes) {
        case 'drop':
          return null;
        case 'rewrite':
          return applyRow(record, event, before, 'before', 'true');
        case 'tombstone':
          return record.newRecord({ topic, valueSchema: null, value: null });
        case 'null':
          return record.newRecord({ topic, valueSchema: schemaIn(event, 'after'), value: null });
      }
    }

    function applyRow(
      record: ConnectRecord,
      event: Struct,
      row: unknown,
      field: 'before' | 'after',
      deleted: 'true' | 'false',
    ): ConnectRecord {
      const topic = topicFrom(row) ?? record.topic;
      if (!isStruct(row)) {
        return record.newRecord({ topic, valueSchema: schemaIn(event, field), value: row });
      }
      if (rules.deletes !== 'rewrite' && references.length === 0) {
        return record.newRecord({ topic, valueSchema: schemaIn(event, field), value: row });
      }
      const schema = extended(event.schema)(row.schema);
      const values = row.schema.fields.map((each) => checkedCopy(read(row, each), each));
      if (rules.deletes === 'rewrite') values.push(deleted);
      for (const reference of references) {
        if (referenceSchema(event.schema, reference) !== null) {
          values.push(referenceValue(event, reference));
        }
      }
      return record.newRecord({ topic, valueSchema: schema, value: new Struct(schema, values) });
    }

    function extendSchema(event: Schema, row: Schema): Schema {
      const builder = structWithBasics(row);
      for (const field of row.fields) builder.field(field.name, field.schema);
      if (rules.deletes === 'rewrite') builder.field('__deleted', OPTIONAL_STRING_SCHEMA);
      for (const reference of references) {
        const schema = referenceSchema(event, reference);
        if (schema !== null) builder.field(reference.newName, schema);
      }
      return builder.build();
    }

    function topicFrom(row: unknown): string | null {
      if (routeBy === '' || !isStruct(row)) return null;
      const topic = row.getString(routeBy);
      return topic === null || topic.trim() === '' ? null : topic;
    }

    function tombstoneHeaders(record: ConnectRecord): Headers {
      const headers = record.headers.duplicate();
      for (const { field, newName } of headerReferences) {
        if (field === 'op') headers.addString(newName, 'd');
      }
      return headers;
    }

    function eventHeaders(record: ConnectRecord, event: Struct): Headers | null {
      const headers = record.headersOrNull?.duplicate() ?? null;
      if (headerReferences.length === 0) return headers;
      const all = headers ?? record.headers.duplicate();
      for (const reference of headerReferences) {
        const schema = referenceSchema(event.schema, reference);
        if (schema !== null) all.add(reference.newName, referenceValue(event, reference), schema);
      }
      return all;
    }
  },
);

interface Rules {
  readonly keepsTombstones: boolean;
  /** `null` keeps the schema of the row beside the null; `tombstone` takes it away. */
  readonly deletes: 'drop' | 'rewrite' | 'null' | 'tombstone';
}

/** The older keys count where the newer one is not set. */
function readRules(options: {
  'delete.tombstone.handling.mode': string | null;
  'drop.tombstones': boolean | null;
  'delete.handling.mode': string | null;
}): Rules {
  const mode = options['delete.tombstone.handling.mode'] as Mode | null;
  const olderMode = options['delete.handling.mode'];
  const dropsTombstones = options['drop.tombstones'];
  if (mode === null && (olderMode !== null || dropsTombstones !== null)) {
    const deletes = olderMode ?? 'drop';
    return {
      keepsTombstones: dropsTombstones === false,
      deletes: deletes === 'none' ? 'null' : (deletes as 'drop' | 'rewrite'),
    };
  }
  switch (mode ?? 'tombstone') {
    case 'drop':
      return { keepsTombstones: false, deletes: 'drop' };
    case 'rewrite':
      return { keepsTombstones: false, deletes: 'rewrite' };
    case 'rewrite-with-tombstone':
      return { keepsTombstones: true, deletes: 'rewrite' };
    case 'delete-to-tombstone':
      return { keepsTombstones: false, deletes: 'tombstone' };
    default:
      return { keepsTombstones: false, deletes: 'null' };
  }
}

function schemaIn(event: Struct, field: string): Schema | null {
  return event.schema.field(field)?.schema ?? null;
}

function hasOperation(event: Struct, operation: string): boolean {
  return event.schema.field('op') !== null && event.get('op') === operation;
}
