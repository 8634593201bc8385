import {
  type ConnectRecord,
  DATE_NAME,
  DECIMAL_NAME,
  Decimal,
  Field,
  Headers,
  Schema,
  type SchemaType,
  SinkRecord,
  SourceRecord,
  STRING_SCHEMA,
  Struct,
  TIME_NAME,
  TIMESTAMP_NAME,
  TypedNumber,
} from '@tributary/sdk';
import fc from 'fast-check';

export { recordSnapshot } from './record-snapshot.ts';

export interface Typed {
  readonly schema: Schema;
  readonly value: unknown;
}

/** Random schemas, nested, with logical types, defaults and maps of any keys, and a value of each. A value is null only where a schema without default is optional. */
export function typedValues(fieldNames: fc.Arbitrary<string> = fieldName): fc.Arbitrary<Typed> {
  return schemas(fieldNames).chain(withValue);
}

/** As above, always of type STRUCT. */
export function structs(fieldNames: fc.Arbitrary<string> = fieldName): fc.Arbitrary<Typed> {
  return structSchemas(schemas(fieldNames), fieldNames).chain(withValue);
}

const fieldName = fc.string({ minLength: 1, maxLength: 8 });
const day = 86_400_000;

function withValue(schema: Schema): fc.Arbitrary<Typed> {
  return valueOf(schema).map((value) => ({ schema, value }));
}

/** Schemas of the same shape come in their optional form and with a default, too. */
function schemas(fieldNames: fc.Arbitrary<string>): fc.Arbitrary<Schema> {
  return fc.letrec<{ any: Schema }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { arbitrary: scalarSchemas.chain(withDefault), weight: 6 },
      {
        arbitrary: tie('any')
          .map((valueSchema) => new Schema({ type: 'ARRAY', valueSchema }))
          .chain(withDefault),
        weight: 1,
      },
      {
        arbitrary: fc
          .tuple(keySchemas, tie('any'))
          .map(([keySchema, valueSchema]) => new Schema({ type: 'MAP', keySchema, valueSchema }))
          .chain(withDefault),
        weight: 1,
      },
      { arbitrary: structSchemas(tie('any'), fieldNames).chain(withDefault), weight: 2 },
    ),
  })).any;
}

const types: readonly SchemaType[] = [
  ...(['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64', 'BOOLEAN', 'BYTES'] as const),
  // More texts than anything else, as in life.
  ...(['STRING', 'STRING', 'STRING'] as const),
];

const scalarSchemas: fc.Arbitrary<Schema> = fc.oneof(
  fc
    .record({
      type: fc.constantFrom(...types),
      name: fc.option(fc.constantFrom('a.Name', 'Ü')),
      version: fc.option(fc.integer({ min: 1 })),
      doc: fc.option(fc.string()),
      parameters: fc.option(
        fc
          .array(fc.tuple(fc.string(), fc.string()), { minLength: 1, maxLength: 3 })
          .map((entries) => new Map(entries)),
      ),
    })
    .map((attributes) => new Schema(attributes)),
  fc.constantFrom(DATE_NAME, TIME_NAME).map((name) => logical('INT32', name)),
  fc.constant(logical('INT64', TIMESTAMP_NAME)),
  fc
    .integer({ min: -20, max: 20 })
    .map((scale) => logical('BYTES', DECIMAL_NAME, new Map([['scale', String(scale)]]))),
);

/** What may be the key of a map and is equal to itself after it was written and read. */
const keySchemas = fc
  .constantFrom<SchemaType>('STRING', 'INT8', 'INT32', 'INT64', 'BOOLEAN')
  .map((type) => new Schema({ type }));

function logical(
  type: SchemaType,
  name: string,
  parameters: ReadonlyMap<string, string> | null = null,
): Schema {
  return new Schema({ type, name, version: 1, parameters });
}

function structSchemas(
  members: fc.Arbitrary<Schema>,
  fieldNames: fc.Arbitrary<string>,
): fc.Arbitrary<Schema> {
  const fields = fc.uniqueArray(fc.tuple(fieldNames, members), {
    selector: ([name]) => name,
    maxLength: 5,
  });
  return fc.tuple(fields, fc.option(fc.constantFrom('com.acme.R', 'S'))).map(([list, name]) =>
    named(
      list.map(([field, schema], index) => new Field(field, index, schema)),
      name,
    ),
  );
}

function named(fields: readonly Field[], name: string | null): Schema {
  return new Schema({
    type: 'STRUCT',
    name,
    version: name === null ? null : 2,
    doc: 'doc',
    fields,
  });
}

/** A struct is no default of its own schema, as that has a default: Kafka Connect refuses it. */
function withDefault(schema: Schema): fc.Arbitrary<Schema> {
  const defaults = schema.type === 'STRUCT' ? fc.constant(null) : valueOf(schema);
  return fc
    .tuple(fc.boolean(), fc.option(defaults, { freq: 3 }))
    .map(([isOptional, defaultValue]) => copyOf(schema, isOptional, defaultValue));
}

function copyOf(schema: Schema, isOptional: boolean, defaultValue: unknown): Schema {
  const { type, name, version, doc, parameters } = schema;
  return new Schema({
    type,
    isOptional,
    defaultValue,
    name,
    version,
    doc,
    parameters,
    keySchema: type === 'MAP' ? schema.keySchema : null,
    valueSchema: type === 'MAP' || type === 'ARRAY' ? schema.valueSchema : null,
    fields: type === 'STRUCT' ? schema.fields : null,
  });
}

function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  const values = presentValueOf(schema);
  return schema.isOptional && schema.defaultValue === null
    ? fc.option(values, { freq: 9 })
    : values;
}

function presentValueOf(schema: Schema): fc.Arbitrary<unknown> {
  switch (schema.name) {
    case DATE_NAME:
      return fc.integer({ min: -99_999, max: 99_999 }).map((days) => new Date(days * day));
    case TIME_NAME:
      return fc.integer({ min: 0, max: day - 1 }).map((millis) => new Date(millis));
    case TIMESTAMP_NAME:
      return fc.date({ noInvalidDate: true });
    case DECIMAL_NAME:
      return fc
        .bigInt()
        .map((unscaled) => new Decimal(unscaled, Number(schema.parameters?.get('scale'))));
    default:
      return valueOfType(schema);
  }
}

/** Numbers are those that JSON has: no NaN, no infinities, no negative zero. */
function valueOfType(schema: Schema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'INT8':
      return fc.integer({ min: -128, max: 127 });
    case 'INT16':
      return fc.integer({ min: -32_768, max: 32_767 });
    case 'INT32':
      return fc.integer();
    case 'INT64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'FLOAT32':
      return fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    case 'FLOAT64':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    case 'BOOLEAN':
      return fc.boolean();
    case 'STRING':
      return fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', '7.5', 'true'));
    case 'BYTES':
      return fc.uint8Array();
    case 'ARRAY':
      return fc.array(valueOf(schema.valueSchema as Schema), { maxLength: 3 });
    case 'MAP':
      return fc
        .array(
          fc.tuple(valueOf(schema.keySchema as Schema), valueOf(schema.valueSchema as Schema)),
          { maxLength: 3 },
        )
        .map((entries) => new Map(entries));
    case 'STRUCT':
      return fc
        .tuple(...schema.fields.map((field) => valueOf(field.schema)))
        .map((values) => new Struct(schema, values));
  }
}

/** Lists, maps and scalars without a schema. */
export function schemalessValues(names: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown; map: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 2 },
      fc.constant(null),
      fc.string(),
      fc.boolean(),
      fc.double(),
      fc.integer(),
      fc.constantFrom(new TypedNumber('INT8', 5), new TypedNumber('FLOAT32', 1)),
      fc.array(tie('value'), { maxLength: 2 }),
      tie('map'),
    ),
    map: fc
      .array(fc.tuple(names, tie('value')), { maxLength: 4 })
      .map((entries) => new Map(entries)),
  })).value;
}

/** Source and sink records with and without schemas, their fields called as `names` says. */
export function records(names: fc.Arbitrary<string>): fc.Arbitrary<ConnectRecord> {
  return recordsOf(
    fc.oneof(
      structs(names),
      typedValues(names),
      fc.string().map((value) => ({ schema: STRING_SCHEMA, value })),
      schemalessValues(names).map(withoutSchema),
      schemalessMaps(names).map(withoutSchema),
    ),
  );
}

/** Records whose key and value are maps without schema. */
export function mapRecords(names: fc.Arbitrary<string>): fc.Arbitrary<ConnectRecord> {
  return recordsOf(schemalessMaps(names).map(withoutSchema));
}

type Half = { readonly schema: Schema | null; readonly value: unknown };

/** As maps and as objects. */
function schemalessMaps(names: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc
    .dictionary(names, schemalessValues(names), { maxKeys: 4 })
    .chain((object) => fc.constantFrom(new Map(Object.entries(object)), object));
}

function withoutSchema(value: unknown): Half {
  return { schema: null, value };
}

function recordsOf(halves: fc.Arbitrary<Half>): fc.Arbitrary<ConnectRecord> {
  return fc
    .tuple(halves, halves, fc.boolean(), fc.option(fc.integer({ min: 0 })))
    .map(([key, value, isSink, timestamp]) => {
      const common = {
        topic: 'orders',
        kafkaPartition: 3,
        keySchema: key.schema,
        key: key.value,
        valueSchema: value.schema,
        value: value.value,
        timestamp,
        headers: new Headers().add('h', 'one', STRING_SCHEMA).addInt('other', 2),
      };
      return isSink
        ? SinkRecord.from({ ...common, offset: 7 })
        : SourceRecord.from({ ...common, sourcePartition: { file: 'a' }, sourceOffset: { at: 1 } });
    });
}
