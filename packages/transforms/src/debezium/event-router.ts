import {
  ConnectError,
  type ConnectRecord,
  type Headers,
  javaText,
  type Schema,
  SchemaBuilder,
  Struct,
  type TransformationPlugin,
} from '@tributary/sdk';
import { debezium } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { perSchema } from '../per-schema.ts';
import { perText } from '../per-text.ts';
import { requireStruct } from '../requirements.ts';
import { topicRenamer } from '../topic-renamer.ts';
import { deleteOperation, envelopeOf, fieldSchema, updateOperation } from './envelope.ts';
import { eventRouterConfig, type Placement, parsePlacements } from './event-router-config.ts';
import { expandJson } from './expand-json.ts';

interface Payload {
  readonly schema: Schema | null;
  readonly value: unknown;
}

/** Makes events of the rows that are inserted into an outbox table. */
export const eventRouter: TransformationPlugin = defineTransformation(
  `${debezium}.outbox.EventRouter`,
  eventRouterConfig,
  (options) => {
    const payloadColumn = options['table.field.event.payload'];
    const routeBy = options['route.by.field'];
    const versionColumn = options['table.field.event.schema.version'];
    const placements = parsePlacements(options['table.fields.additional.placement']);
    const envelopes = placements.filter(({ place }) => place === 'envelope');
    const ignoresMissing =
      options['table.field.additional.missing'] === 'ignore' ||
      (options['table.field.additional.missing'] === null &&
        !options['table.fields.additional.error.on.missing']);
    const topicOf = topicRenamer(
      options['route.topic.regex'],
      options['route.topic.replacement'],
      'route.topic.replacement',
    );
    const envelopeSchema = perText((route) =>
      perText((version) => perSchema((row) => makeEnvelopeSchema(row, route, version))),
    );

    return (record) => {
      if (record.value === null) return null;
      const change = envelopeOf(record, 'Detect Debezium Operation');
      if (change === null) return record;
      const operation = change.getString('op');
      if (operation === deleteOperation) return null;
      if (operation === updateOperation) return refuseUpdate(record);
      const row = requireStruct(
        change.get('after'),
        fieldSchema(change.schema, 'after'),
        'Read Outbox Event',
      );
      return makeEvent(record, change, row);
    };

    function makeEvent(record: ConnectRecord, change: Struct, row: Struct): ConnectRecord {
      const payload = readPayload(row);
      const route = row.getString(routeBy) ?? '';
      const keyColumn = options['table.field.event.key'];
      const key = row.schema.field(keyColumn) === null ? null : row.get(keyColumn);
      const isEmpty = payload.value === null || javaText(payload.value).trim() === '';
      const makesTombstone = isEmpty && options['route.tombstone.on.empty.payload'];
      const event = makesTombstone ? { schema: null, value: null } : wrapped(row, route, payload);
      return record.newRecord({
        topic: topicOf(route) ?? route,
        kafkaPartition: partitionOf(row),
        keySchema: key === null ? record.keySchema : fieldSchema(row.schema, keyColumn),
        key: key ?? record.key,
        valueSchema: event.schema,
        value: event.value,
        timestamp: timestampOf(change, row, options['table.field.event.timestamp']),
        headers: headersOf(record, row),
      });
    }

    function readPayload(row: Struct): Payload {
      const schema = fieldSchema(row.schema, payloadColumn);
      if (schema === null) {
        throw new ConnectError(`Unable to find payload field ${payloadColumn} in event`);
      }
      const value = row.get(payloadColumn);
      const keepsNull = options['table.json.payload.null.behavior'] === 'optional_bytes';
      const isText = options['table.expand.json.payload'] && typeof value === 'string';
      return (isText ? expandJson(value, keepsNull) : null) ?? { schema, value };
    }

    /** With columns beside it the payload is a field; by itself it is the value. */
    function wrapped(row: Struct, route: string, payload: Payload): Payload {
      if (envelopes.length === 0) return payload;
      const version = versionColumn === null ? null : row.getInt32(versionColumn);
      const schema = envelopeSchema(route)(String(version ?? ''))(row.schema);
      const struct = new Struct(schema).put('payload', row.get(payloadColumn));
      for (const { column, name } of envelopes) {
        if (hasColumn(row, column)) struct.put(name, row.get(column));
      }
      return { schema, value: struct };
    }

    function makeEnvelopeSchema(row: Schema, route: string, version: string): Schema {
      const builder = SchemaBuilder.struct().name(schemaName(row.name, route));
      if (version !== '') builder.version(Number(version));
      builder.field('payload', fieldSchema(row, payloadColumn) as Schema);
      for (const { column, name } of envelopes) {
        const schema = fieldSchema(row, column);
        if (schema !== null) builder.field(name, schema);
      }
      return builder.build();
    }

    function headersOf(record: ConnectRecord, row: Struct): Headers {
      const idColumn = options['table.field.event.id'];
      const idSchema = fieldSchema(row.schema, idColumn);
      if (idSchema === null) {
        throw new ConnectError(`Unable to find event-id field ${idColumn} in event`);
      }
      const headers = record.headers.duplicate().add('id', row.get(idColumn), idSchema);
      for (const { column, place, name } of placements) {
        if (place === 'header' && hasColumn(row, column)) {
          headers.add(name, row.get(column), fieldSchema(row.schema, column));
        }
      }
      return headers;
    }

    function partitionOf(row: Struct): number | null {
      const placement = placements.find(({ place }) => place === 'partition');
      return placement !== undefined && hasColumn(row, placement.column)
        ? row.getInt32(placement.column)
        : null;
    }

    function hasColumn(row: Struct, column: Placement['column']): boolean {
      if (row.schema.field(column) !== null) return true;
      if (ignoresMissing) return false;
      throw new ConnectError(`Unable to find field ${column} in event`);
    }

    function refuseUpdate(record: ConnectRecord): null {
      if (options['table.op.invalid.behavior'] !== 'fatal') return null;
      throw new ConnectError(`Unexpected update message received ${javaText(record.key)}, fail.`);
    }
  },
);

/** Milliseconds, also from columns of Debezium's finer types. */
function timestampOf(change: Struct, row: Struct, column: string | null): number | null {
  const fallback = (): number | null => {
    const millis = change.schema.field('ts_ms') === null ? null : change.getInt64('ts_ms');
    return millis === null ? null : Number(millis);
  };
  if (column === null) return fallback();
  const schema = fieldSchema(row.schema, column);
  if (schema === null) {
    throw new ConnectError(`Unable to find timestamp field ${column} in event`);
  }
  const value = row.getInt64(column) as bigint | Date | null;
  if (value === null) return fallback();
  switch (schema.name) {
    case 'io.debezium.time.Timestamp':
      return Number(value);
    case 'io.debezium.time.MicroTimestamp':
      return Number((value as bigint) / 1000n);
    case 'io.debezium.time.NanoTimestamp':
      return Number((value as bigint) / 1_000_000n);
    case null:
      throw new ConnectError(
        `Unsupported field type ${schema.type} (without logical schema name) for event timestamp`,
      );
    default:
      throw new ConnectError(`Unsupported field type ${schema.name} for event timestamp`);
  }
}

/** The route stands before the last part of the row's name. */
function schemaName(rowName: string | null, route: string): string {
  if (rowName === null) return route;
  const dot = rowName.lastIndexOf('.');
  return `${rowName.slice(0, dot + 1)}${route}.${rowName.slice(dot + 1)}`;
}
