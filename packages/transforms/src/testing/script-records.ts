import {
  BOOLEAN_SCHEMA,
  BYTES_SCHEMA,
  Decimal,
  decimalSchema,
  FLOAT32_SCHEMA,
  FLOAT64_SCHEMA,
  Headers,
  INT8_SCHEMA,
  INT32_SCHEMA,
  INT64_SCHEMA,
  OPTIONAL_INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  SchemaBuilder,
  SourceRecord,
  STRING_SCHEMA,
  Struct,
  TIMESTAMP_SCHEMA,
} from '@tributary/sdk';

/** Records that Java's answers to expressions were recorded with. */

const source = SchemaBuilder.struct()
  .field('table', STRING_SCHEMA)
  .field('schema', STRING_SCHEMA)
  .field('ts_ms', INT64_SCHEMA)
  .field('snapshot', OPTIONAL_STRING_SCHEMA)
  .build();

const row = SchemaBuilder.struct()
  .optional()
  .name('db.t.Value')
  .field('id', INT32_SCHEMA)
  .field('big', INT64_SCHEMA)
  .field('tiny', INT8_SCHEMA)
  .field('name', OPTIONAL_STRING_SCHEMA)
  .field('price', FLOAT64_SCHEMA)
  .field('rate', FLOAT32_SCHEMA)
  .field('ok', BOOLEAN_SCHEMA)
  .field('amount', decimalSchema(2))
  .field('at', TIMESTAMP_SCHEMA)
  .field('tags', SchemaBuilder.array(STRING_SCHEMA).build())
  .field('map', SchemaBuilder.map(STRING_SCHEMA, INT32_SCHEMA).build())
  .field('none', OPTIONAL_STRING_SCHEMA)
  .field('empty', STRING_SCHEMA)
  .field('code', SchemaBuilder.string().optional().default('dflt').build())
  .field('bytes', BYTES_SCHEMA)
  .field('schema', STRING_SCHEMA)
  .field('values', STRING_SCHEMA)
  .field('class', STRING_SCHEMA)
  .field('length', INT32_SCHEMA)
  .field('huge', INT64_SCHEMA)
  .field('rows', SchemaBuilder.array(source).build())
  .build();

const envelope = SchemaBuilder.struct()
  .name('db.t.Envelope')
  .field('before', row)
  .field('after', row)
  .field('source', source)
  .field('op', STRING_SCHEMA)
  .field('ts_ms', OPTIONAL_INT64_SCHEMA)
  .build();

const keySchema = SchemaBuilder.struct().name('db.t.Key').field('id', INT32_SCHEMA).build();

function update(): SourceRecord {
  const inner = new Struct(source, ['in', 's', 1n, null]);
  const after = new Struct(row)
    .put('id', 2)
    .put('big', 1234567890123n)
    .put('tiny', 5)
    .put('name', 'Ada')
    .put('price', 1.5)
    .put('rate', Math.fround(1.1))
    .put('ok', true)
    .put('amount', Decimal.parse('12.50'))
    .put('at', new Date(1700000000123))
    .put('tags', ['x', 'y'])
    .put('map', new Map([['k', 7]]))
    .put('empty', '')
    .put('bytes', new Uint8Array([1, 2]))
    .put('schema', 'colschema')
    .put('values', 'colvalues')
    .put('class', 'colclass')
    .put('length', 3)
    .put('huge', 9007199254740993n)
    .put('rows', [inner]);
  const origin = new Struct(source, ['t', 'public', 5n, 'false']);
  const headers = new Headers()
    .addInt('idh', 1)
    .addString('kind', 'order')
    .addString('kind', 'second')
    .addString('h-x', 'dash')
    .add('nul', null, null)
    .addStruct('st', origin);
  return SourceRecord.from({
    ...base,
    keySchema,
    key: new Struct(keySchema, [2]),
    valueSchema: envelope,
    value: new Struct(envelope, [null, after, origin, 'u', 9n]),
    headers,
  });
}

function schemaless(): SourceRecord {
  const value = new Map<string, unknown>([
    ['id', 2],
    ['name', 'Ada'],
    ['none', null],
    ['size', 'col'],
    ['list', [1, 2]],
    ['in', new Map([['a', 'b']])],
    ['x', 1.5],
  ]);
  return SourceRecord.from({ ...base, key: 'key1', value });
}

const base = { sourcePartition: null, sourceOffset: null, topic: 'db.t', kafkaPartition: 0 };

export const scriptRecords: Readonly<Record<string, SourceRecord>> = {
  update: update(),
  schemaless: schemaless(),
  tombstone: SourceRecord.from(base),
};
