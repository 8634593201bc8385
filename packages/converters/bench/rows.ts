import { createLink } from '@tributary/runtime';
import {
  type ConnectRecord,
  type Converter,
  OwnMap,
  type Schema,
  type SchemaAndValue,
  SourceRecord,
  STRING_SCHEMA,
  type Transformation,
} from '@tributary/sdk';
import * as transforms from '@tributary/transforms';
import { JsonConverterPlugin } from '../src/index.ts';
import { type BenchMessages, schemaKinds } from './messages.ts';

/** One operation, done for one of the messages at a time. */
export interface BenchRow {
  readonly name: string;
  /** Its line of `rows.tsv`, as Java's side reads it. */
  readonly line: string;
  /** What comes of message `index`; what is returned is not to be optimised away. */
  run(index: number): unknown;
  /** `run` as text for comparison. */
  text(index: number): string;
}

export function createRows(messages: BenchMessages): BenchRow[] {
  return schemaKinds.flatMap((kind) => {
    const converter = JsonConverterPlugin.create();
    converter.configure({ 'schemas.enable': String(kind === 'schema') }, false);
    const read = messages[kind].map((bytes) => converter.toConnectData('t', bytes, null));
    const schema = read[0]?.schema ?? null;
    const records = read.map(({ value }) => recordOf(schema, value));
    return [
      encodeRow(kind, converter, schema, records),
      decodeRow(kind, converter, messages[kind]),
      ...Object.entries(chains).map(([name, chain]) =>
        chainRow(name, chain, kind, converter, records),
      ),
    ];
  });
}

type Chain = readonly (readonly [className: string, config: Readonly<Record<string, string>>])[];

const chains: Readonly<Record<string, Chain>> = {
  fields: [
    [
      'InsertField$Value',
      { 'static.field': 'origin', 'static.value': 'bench', 'topic.field': 'topic' },
    ],
    ['ReplaceField$Value', { exclude: 'note', renames: 'customer:client' }],
    ['Cast$Value', { spec: 'quantity:int64,active:string' }],
    ['MaskField$Value', { fields: 'email' }],
  ],
  shape: [
    ['Flatten$Value', { delimiter: '_' }],
    [
      'TimestampConverter$Value',
      { field: 'created', 'target.type': 'string', format: 'yyyy-MM-dd HH:mm:ss' },
    ],
    ['ValueToKey', { fields: 'id,customer' }],
    ['HoistField$Value', { field: 'order' }],
  ],
  route: [
    ['RegexRouter', { regex: '(.*)', replacement: 'all-$1' }],
    ['TimestampRouter', { 'topic.format': '${topic}-${timestamp}', 'timestamp.format': 'yyyyMM' }],
    ['ValueToKey', { fields: 'customer' }],
    ['ExtractField$Key', { field: 'customer' }],
  ],
};

type Kind = (typeof schemaKinds)[number];

function recordOf(schema: Schema | null, value: unknown): SourceRecord {
  const position = [{ file: 'a' }, { position: 7 }] as const;
  return new SourceRecord(
    ...position,
    'orders',
    0,
    STRING_SCHEMA,
    'key',
    schema,
    value,
    1_700_000_000_000,
  );
}

function encodeRow(
  kind: Kind,
  converter: Converter,
  schema: Schema | null,
  records: readonly SourceRecord[],
): BenchRow {
  const run = (index: number): Uint8Array | null =>
    converter.fromConnectData('t', schema, (records[index] as SourceRecord).value, null);
  const name = `json-encode-${kind}`;
  return { name, line: `${name}\tencode\t${kind}`, run, text: (index) => textOf(run(index)) };
}

function decodeRow(kind: Kind, converter: Converter, messages: readonly Uint8Array[]): BenchRow {
  const run = (index: number): SchemaAndValue =>
    converter.toConnectData('t', messages[index] as Uint8Array, null);
  const name = `json-decode-${kind}`;
  const text = (index: number): string => {
    const { schema, value } = run(index);
    return textOf(converter.fromConnectData('t', schema, value, null));
  };
  return { name, line: `${name}\tdecode\t${kind}`, run, text };
}

function chainRow(
  chainName: string,
  chain: Chain,
  kind: Kind,
  converter: Converter,
  records: readonly SourceRecord[],
): BenchRow {
  const own = new OwnMap();
  const links = chain.map(([name, config], index) => {
    const transformation = createTransformation(className(name), config);
    return createLink(name, transformation, null, false, { own, isFirst: index === 0 });
  });
  const run = (index: number): ConnectRecord => {
    let record: ConnectRecord = records[index] as SourceRecord;
    for (const link of links) record = link.apply(record) as ConnectRecord;
    return record;
  };
  const name = `chain-${chainName}-${kind}`;
  const columns = chain.map(([step, config]) =>
    [className(step), ...Object.entries(config).map((entry) => entry.join('='))].join('|'),
  );
  const text = (index: number): string => {
    const { topic, keySchema, key, valueSchema, value } = run(index);
    const keyText = textOf(converter.fromConnectData('t', keySchema, key, null));
    return [topic, keyText, textOf(converter.fromConnectData('t', valueSchema, value, null))].join(
      '\t',
    );
  };
  return { name, line: [name, 'chain', kind, ...columns].join('\t'), run, text };
}

function className(name: string): string {
  return `org.apache.kafka.connect.transforms.${name}`;
}

function createTransformation(
  name: string,
  config: Readonly<Record<string, string>>,
): Transformation {
  const plugin = Object.values(transforms).find((each) => each.className === name);
  if (plugin?.type !== 'transformation') throw new Error(`No transformation ${name}`);
  const transformation = plugin.create();
  transformation.configure(config);
  return transformation;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? 'null' : Buffer.from(bytes).toString('utf8');
}
