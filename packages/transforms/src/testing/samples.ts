import type { TransformationPlugin } from '@tributary/sdk';
import * as exported from '../index.ts';

/** Configs that reach into the fields a to d of the records below, per class name without its half; whole where two classes have the same. */
const sampleConfigs: Readonly<Record<string, readonly Record<string, string>[]>> = {
  ByLogicalTableRouter: [{ 'topic.regex': '(.*)', 'topic.replacement': 'all-$1' }],
  'io.debezium.transforms.Filter': [
    { language: 'jsr223.groovy', condition: 'value.a == value.b || topic ==~ /.*/' },
    { language: 'jsr223.graal.js', condition: 'value.a !== value.b || true' },
  ],
  CaseTransform: [{ 'field.names': 'a,b', case: 'upper' }],
  Cast: [{ spec: 'string' }, { spec: 'a:int8,b:string,c:float64' }],
  ConcatFields: [{ 'field.names': 'a,b', 'output.field.name': 'joined' }],
  ContentBasedRouter: [
    { language: 'jsr223.groovy', 'topic.expression': "value.a ? 'with-' + value.a : null" },
    { language: 'jsr223.groovy', 'topic.expression': "topic + '-' + (header.h?.value ?: 'none')" },
  ],
  Drop: [{}, { 'schema.behavior': 'force_optional' }],
  DropHeaders: [{ headers: 'h' }],
  EventRouter: [{}],
  ExtractChangedRecordState: [
    { 'header.changed.name': 'changed', 'header.unchanged.name': 'same' },
  ],
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
  PartitionRouting: [{ 'partition.payload.fields': 'a,change.b', 'partition.topic.num': '7' }],
  RegexRouter: [{ regex: '(.*)s', replacement: '$1' }],
  ReplaceField: [{ exclude: 'a', renames: 'b:x' }, { include: 'a,b' }],
  SetSchemaMetadata: [{ 'schema.name': 'New', 'schema.version': '2' }],
  TimestampConverter: [
    { field: 'a', 'target.type': 'unix' },
    { 'target.type': 'string', format: 'yyyy' },
  ],
  TimestampRouter: [{}],
  TimezoneConverter: [{ 'converted.timezone': 'Europe/Oslo' }],
  TombstoneHandler: [{ behavior: 'fail' }],
  ValueToKey: [{ fields: 'a,b' }],
};

export const transformations: readonly TransformationPlugin[] = Object.values<{ type: string }>(
  exported,
).filter((plugin): plugin is TransformationPlugin => plugin.type === 'transformation');

/** Every transformation there is, with each of its configs. */
export const samples: readonly {
  plugin: TransformationPlugin;
  config: Record<string, string>;
  className: string;
}[] = transformations.flatMap((plugin) => {
  const known = sampleConfigs[plugin.className] ?? sampleConfigs[simpleName(plugin)] ?? [];
  return known.map((config) => ({ plugin, config, className: plugin.className }));
});

function simpleName({ className }: TransformationPlugin): string {
  return (className.split('.').at(-1) ?? '').replace(/\$.*/, '');
}
