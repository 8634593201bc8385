import {
  defineConfig,
  Headers,
  OPTIONAL_STRING_SCHEMA,
  type Schema,
  SchemaBuilder,
  type Struct,
  string,
  type TransformationPlugin,
  valuesEqual,
} from '@tributary/sdk';
import { debezium } from '../class-names.ts';
import { defineTransformation } from '../define.ts';
import { requireStructOrNull } from '../requirements.ts';
import { envelopeOf } from './envelope.ts';

const config = defineConfig(
  string('header.changed.name', {
    default: null,
    importance: 'LOW',
    doc: 'Header for the names of the columns that changed; unset: none.',
  }),
  string('header.unchanged.name', {
    default: null,
    importance: 'LOW',
    doc: 'Header for the names of the columns that stayed as they were; unset: none.',
  }),
);

/** Tells in headers which columns an update changed. Inserts, deletes and snapshots get the headers, too: empty ones. */
export const extractChangedRecordState: TransformationPlugin = defineTransformation(
  `${debezium}.ExtractChangedRecordState`,
  config,
  (options) => {
    const changedHeader = listHeader(options['header.changed.name']);
    const unchangedHeader = listHeader(options['header.unchanged.name']);

    return (record) => {
      const event = record.value === null ? null : envelopeOf(record, 'reading the change event');
      if (event === null) return record;
      const changed: string[] = [];
      const unchanged: string[] = [];
      const after = rowOf(event, 'after');
      const before = rowOf(event, 'before');
      if (after !== null && before !== null) {
        for (const { name, index } of after.schema.fields) {
          const isSame = valuesEqual(after.at(index), before.getWithoutDefault(name));
          (isSame ? unchanged : changed).push(name);
        }
      }
      if (changedHeader === null && unchangedHeader === null) return record;
      const headers = record.headersOrNull?.duplicate() ?? new Headers();
      if (changedHeader !== null) headers.add(changedHeader.key, changed, changedHeader.schema);
      if (unchangedHeader !== null) {
        headers.add(unchangedHeader.key, unchanged, unchangedHeader.schema);
      }
      return record.newRecord({ headers });
    };
  },
);

/** The header's schema goes by the header's name. */
function listHeader(key: string | null): { key: string; schema: Schema } | null {
  if (key === null || key.trim() === '') return null;
  return { key, schema: SchemaBuilder.array(OPTIONAL_STRING_SCHEMA).optional().name(key).build() };
}

function rowOf(event: Struct, name: 'before' | 'after'): Struct | null {
  const schema = event.schema.field(name)?.schema ?? null;
  return schema && requireStructOrNull(event.get(name), schema, `reading "${name}"`);
}
