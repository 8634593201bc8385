import {
  type ConnectRecord,
  DATE_SCHEMA,
  Decimal,
  decimalSchema,
  Headers,
  isDecimal,
  isStruct,
  Schema,
  SchemaBuilder,
  type SchemaType,
  SinkRecord,
  SourceRecord,
  STRING_SCHEMA,
  Struct,
  TIMESTAMP_SCHEMA,
  type TransformationPlugin,
  TypedNumber,
} from '@tributary/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as exported from './index.ts';

/** Configs that reach into the fields a to d of the records below, per class name without its half. */
const configs: Readonly<Record<string, readonly Record<string, string>[]>> = {
  ByLogicalTableRouter: [{ 'topic.regex': '(.*)', 'topic.replacement': 'all-$1' }],
  CaseTransform: [{ 'field.names': 'a,b', case: 'upper' }],
  Cast: [{ spec: 'string' }, { spec: 'a:int8,b:string,c:float64' }],
  ConcatFields: [{ 'field.names': 'a,b', 'output.field.name': 'joined' }],
  Drop: [{}, { 'schema.behavior': 'force_optional' }],
  DropHeaders: [{ headers: 'h' }],
  EventRouter: [{}],
  ExtractField: [{ field: 'a' }, { field: 'a.b', 'field.syntax.version': 'V2' }],
  ExtractNewRecordState: [{ 'add.fields': 'op', 'drop.tombstones': 'false' }],
  ExtractTimestamp: [{ 'field.name': 'a' }],
  ExtractTopic: [
    { 'field.name': 'a', field: 'a', 'skip.missing.or.null': 'true' },
    { field: 'h', 'skip.missing.or.null': 'true' },
  ],
  ExtractTopicFromSchemaName: [{}],
  Filter: [
    { 'filter.condition': '$[?(@.a > 1)]', 'filter.type': 'include' },
    { 'filter.condition': '$.a', 'filter.type': 'include', 'missing.or.null.behavior': 'include' },
  ],
  FilterByFieldValue: [{ 'field.name': 'a', 'field.value.pattern': '.' }],
  Flatten: [{}, { delimiter: '_' }],
  GzipDecompress: [{}],
  Hash: [
    { function: 'sha256', 'field.name': 'b', 'skip.missing.or.null': 'true' },
    { function: 'md5' },
  ],
  HeaderFrom: [
    { fields: 'a,b', headers: 'h,i', operation: 'move' },
    { fields: 'a', headers: 'h', operation: 'copy' },
  ],
  HoistField: [{ field: 'w' }],
  InsertField: [
    { 'topic.field': 't', 'static.field': 's', 'static.value': 'v', 'timestamp.field': 'ts' },
  ],
  InsertHeader: [{ header: 'h', 'value.literal': '[1,2]' }],
  KeyToValue: [{ 'key.fields': '*' }],
  MakeTombstone: [{}],
  MaskField: [{ fields: 'a,b,c' }, { fields: 'a,b', replacement: '7' }],
  MessageTimestampRouter: [{ 'message.timestamp.keys': 'a,b,c,d' }],
  RegexRouter: [{ regex: '(.*)s', replacement: '$1' }],
  ReplaceField: [{ exclude: 'a', renames: 'b:x' }, { include: 'a,b' }],
  SetSchemaMetadata: [{ 'schema.name': 'New', 'schema.version': '2' }],
  TimestampConverter: [
    { field: 'a', 'target.type': 'unix' },
    { 'target.type': 'string', format: 'yyyy' },
  ],
  TimestampRouter: [{}],
  TombstoneHandler: [{ behavior: 'fail' }],
  ValueToKey: [{ fields: 'a,b' }],
};

const transformations = Object.values<{ type: string; className: string }>(exported).filter(
  (plugin): plugin is TransformationPlugin => plugin.type === 'transformation',
);
const cases = transformations.flatMap((plugin) => {
  const known = configs[simpleName(plugin)] ?? [];
  return known.map((config) => ({ plugin, config, className: plugin.className }));
});

it('is tried for every transformation', () => {
  const tried = new Set(cases.map(({ className }) => className));
  expect(transformations.filter(({ className }) => !tried.has(className))).toEqual([]);
});

describe('a transformation never changes its input', () => {
  it.each(cases)('$className $config', ({ plugin, config }) => {
    const transformation = plugin.create();
    transformation.configure(config);
    let results = 0;
    fc.assert(
      fc.property(records, (record) => {
        const before = snapshot(record);
        try {
          const result = transformation.apply(record);
          if (result !== null) results += 1;
          if (result !== record) result?.headers.addString('added', 'later');
        } catch (error) {
          // Records of any form come by; what does not fit is refused by name.
          if (!(error instanceof TypeError)) expect(error).toHaveProperty('javaName');
        }
        expect(snapshot(record)).toBe(before);
      }),
      { numRuns: 300, seed: 5 },
    );
    // Otherwise nothing was tried.
    if (!plugin.className.endsWith('.transforms.Filter')) expect(results).toBeGreaterThan(5);
  });
});

function simpleName({ className }: TransformationPlugin): string {
  return (className.split('.').at(-1) ?? '').replace(/\$.*/, '');
}

type Typed = { schema: Schema; value: unknown };

const scalars: fc.Arbitrary<Typed>[] = [
  typed('INT8', fc.integer({ min: -128, max: 127 })),
  typed('INT32', fc.integer()),
  typed('INT64', fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n })),
  typed('FLOAT32', fc.float()),
  typed('FLOAT64', fc.double()),
  typed('BOOLEAN', fc.boolean()),
  typed('STRING', fc.string()),
  typed('STRING', fc.oneof(fc.string(), fc.constantFrom('1', '7.5', 'true'))),
  typed('BYTES', fc.uint8Array({ maxLength: 4 })),
  fc
    .date({ min: new Date(0), max: new Date(2e12), noInvalidDate: true })
    .map((value) => ({ schema: TIMESTAMP_SCHEMA, value })),
  fc.integer({ min: -9, max: 9 }).map((days) => ({
    schema: DATE_SCHEMA,
    value: new Date(days * 86_400_000),
  })),
  fc.bigInt({ min: -999n, max: 999n }).map((unscaled) => ({
    schema: decimalSchema(1),
    value: new Decimal(unscaled, 1),
  })),
];

function typed(type: SchemaType, values: fc.Arbitrary<unknown>): fc.Arbitrary<Typed> {
  return fc.tuple(values, fc.boolean(), fc.boolean()).map(([value, isOptional, isNull]) => ({
    schema: new Schema({ type, isOptional }),
    value: isOptional && isNull ? null : value,
  }));
}

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 });

const { any, struct } = fc.letrec<{ any: Typed; struct: Typed }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    ...scalars,
    tie('struct'),
    arrayOf(tie('any')),
  ),
  struct: fc.tuple(names, fc.array(tie('any'), { minLength: 4, maxLength: 4 })).map(structOf),
}));

function arrayOf(elements: fc.Arbitrary<Typed>): fc.Arbitrary<Typed> {
  return elements.map(({ schema, value }) => ({
    schema: SchemaBuilder.array(schema).build(),
    value: [value, value],
  }));
}

function structOf([fields, members]: [string[], Typed[]]): Typed {
  const builder = SchemaBuilder.struct().name('R').doc('doc');
  for (const [index, field] of fields.entries()) {
    builder.field(field, (members[index] as Typed).schema);
  }
  const schema = builder.build();
  return {
    schema,
    value: new Struct(
      schema,
      fields.map((_, index) => members[index]?.value),
    ),
  };
}

const schemaless: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; map: unknown }>((tie) => ({
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
    .tuple(names, fc.array(tie('value'), { minLength: 4, maxLength: 4 }))
    .map(([keys, values]) => new Map(keys.map((key, index) => [key, values[index]]))),
})).map;

const halves: fc.Arbitrary<{ schema: Schema | null; value: unknown }> = fc.oneof(
  struct,
  any,
  schemaless.map((value) => ({ schema: null, value })),
  fc
    .dictionary(fc.constantFrom('a', 'b', 'c'), fc.string())
    .map((value) => ({ schema: null, value })),
);

const records: fc.Arbitrary<ConnectRecord> = fc
  .tuple(halves, halves, fc.boolean(), fc.option(fc.integer({ min: 0 })))
  .map(([key, value, isSink, timestamp]) => {
    const headers = new Headers().add('h', 'one', STRING_SCHEMA).addInt('other', 2);
    const common = {
      topic: 'orders',
      kafkaPartition: 3,
      keySchema: key.schema,
      key: key.value,
      valueSchema: value.schema,
      value: value.value,
      timestamp,
      headers,
    };
    return isSink
      ? SinkRecord.from({ ...common, offset: 7 })
      : SourceRecord.from({ ...common, sourcePartition: { file: 'a' }, sourceOffset: { at: 1 } });
  });

/** Everything that a record holds, down to the bytes. */
function snapshot(record: ConnectRecord): string {
  const { topic, kafkaPartition, keySchema, key, valueSchema, value, timestamp, headers } = record;
  return JSON.stringify([
    topic,
    kafkaPartition,
    timestamp,
    String(keySchema),
    plain(key),
    String(valueSchema),
    plain(value),
    [...headers].map((header) => [header.key, String(header.schema), plain(header.value)]),
  ]);
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint' || Object.is(value, -0)) return `${typeof value} ${value}`;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Date) return value.getTime();
  if (value instanceof Map) return [...value].map(([key, item]) => [plain(key), plain(item)]);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof TypedNumber) return [value.type, String(value.value)];
  if (isDecimal(value)) return String(value);
  if (isStruct(value)) {
    return value.schema.fields.map((field) => [
      field.name,
      String(field.schema),
      plain(value.at(field.index)),
    ]);
  }
  return Object.entries(value).map(([key, item]) => [key, plain(item)]);
}
