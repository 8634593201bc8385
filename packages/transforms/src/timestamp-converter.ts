import {
  type ConnectRecord,
  defineConfig,
  type Field,
  type OwnMap,
  type Schema,
  Struct,
  string,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { perSchema } from './per-schema.ts';
import { requireMap, requireStructOrNull } from './requirements.ts';
import {
  checkedCopy,
  fieldReader,
  replaceNullWithDefault,
  structWithBasics,
} from './struct-copy.ts';
import {
  readTimestampFormats,
  targetSchema,
  timestampTypeOfSchema,
  timestampTypeOfValue,
  timestampTypes,
  unixPrecisions,
} from './timestamp-types.ts';

const purpose = 'converting timestamp formats';

const config = defineConfig(
  string('field', {
    default: '',
    importance: 'HIGH',
    doc: 'Field with the timestamp; empty when the whole data is one.',
  }),
  string('target.type', {
    importance: 'HIGH',
    oneOf: timestampTypes,
    doc: 'What the timestamp becomes: string, unix, Date, Time or Timestamp.',
  }),
  string('format', {
    default: '',
    doc: 'Pattern of timestamps in text, as java.text.SimpleDateFormat takes it; the time zone is UTC.',
  }),
  string('unix.precision', {
    default: 'milliseconds',
    importance: 'LOW',
    oneOf: unixPrecisions,
    doc: 'What numbers count since 1970: seconds, milliseconds, microseconds or nanoseconds.',
  }),
  replaceNullWithDefault,
);

/** Converts timestamps between text, numbers and Connect's own types. */
export const timestampConverter: KeyAndValue = defineForKeyAndValue(
  `${apache}.TimestampConverter`,
  config,
  (options, half) => {
    const { field: name, 'target.type': target } = options;
    const formats = readTimestampFormats(target, options.format, options['unix.precision']);
    const read = fieldReader(options['replace.null.with.default']);
    const updatedSchema = perSchema(updateSchema);
    return (record, own) => {
      const schema = half.schemaOf(record);
      if (schema === null) {
        return half.replace(record, null, updateSchemaless(half.valueOf(record), own));
      }
      return name === '' ? convertWhole(record, schema) : convertField(record, schema);
    };

    function updateSchemaless(value: unknown, own: OwnMap): unknown {
      if (value === null || name === '') return convert(value, null);
      const map = requireMap(value, purpose);
      const converted = convert(map.get(name) ?? null, null);
      return own.of(map).set(name, converted);
    }

    function convertWhole(record: ConnectRecord, schema: Schema): ConnectRecord {
      const converted = convert(half.valueOf(record), schema);
      return half.replace(record, targetSchema(target, schema.isOptional), converted);
    }

    function convertField(record: ConnectRecord, schema: Schema): ConnectRecord {
      const struct = requireStructOrNull(half.valueOf(record), schema, purpose);
      const updated = updatedSchema(schema);
      return half.replace(record, updated, struct && copyStruct(struct, updated));
    }

    function copyStruct(struct: Struct, to: Schema): Struct {
      const values = struct.schema.fields.map((field, index) => {
        const value = read(struct, field);
        const copied = field.name === name ? convert(value, field.schema) : value;
        return checkedCopy(copied, to.fields[index] as Field);
      });
      return new Struct(to, values);
    }

    /** Without a schema the value tells its type. */
    function convert(value: unknown, schema: Schema | null): unknown {
      const known = schema && timestampTypeOfSchema(schema);
      if (value === null) return null;
      const millis = formats.read(known ?? timestampTypeOfValue(value), value);
      return formats.write(millis, schema !== null);
    }

    function updateSchema(schema: Schema): Schema {
      const builder = structWithBasics(schema);
      for (const field of schema.fields) {
        const isTarget = field.name === name;
        builder.field(
          field.name,
          isTarget ? targetSchema(target, field.schema.isOptional) : field.schema,
        );
      }
      if (schema.isOptional) builder.optional();
      if (schema.defaultValue !== null) {
        builder.default(copyStruct(schema.defaultValue as Struct, builder.build()));
      }
      return builder.build();
    }
  },
);
