import { ConfigError, type Schema, SchemaBuilder, type Struct } from '@tributary/sdk';
import { javaSplit } from '../java-split.ts';
import { copyBasics } from '../struct-copy.ts';

/** A field of a change event that is added to what is taken out of it: `op`, `source.ts_ms`, `lsn:position`. */
export interface FieldReference {
  /** `source`, `transaction`; null: the event itself. */
  readonly parent: string | null;
  readonly field: string;
  /** With its prefix. */
  readonly newName: string;
}

const transactionFields = new Set(['id', 'data_collection_order', 'total_order']);
const eventFields = new Set(['op', 'ts_ms', 'ts_us', 'ts_ns']);

export function parseReferences(texts: readonly string[], prefix: string): FieldReference[] {
  return texts.filter((text) => text.trim() !== '').map((text) => parse(text.trim(), prefix));
}

function parse(text: string, prefix: string): FieldReference {
  const [path = '', alias, ...more] = javaSplit(text, ':');
  if (more.length > 0) throw new ConfigError(`Unexpected field name: ${text}`);
  const [first = '', second] = javaSplit(path, '.');
  const field = second ?? first;
  const parent = second === undefined ? parentOf(first) : first;
  const name = alias ?? (second === undefined ? field : `${parent}_${field}`);
  return { parent, field, newName: prefix + name };
}

function parentOf(field: string): string | null {
  if (eventFields.has(field)) return null;
  if (field === 'updateDescription') return field;
  return transactionFields.has(field) ? 'transaction' : 'source';
}

/** Optional; null when the event has no such field. One that stands in the event itself is found there, too. */
export function referenceSchema(event: Schema, { parent, field }: FieldReference): Schema | null {
  const parentSchema = parent === null ? event : (event.field(parent)?.schema ?? null);
  const inParent = parentSchema?.type === 'STRUCT' ? parentSchema.field(field) : null;
  const found = inParent ?? event.field(field);
  return found && asOptional(found.schema);
}

export function referenceValue(event: Struct, { parent, field }: FieldReference): unknown {
  const container =
    parent === null || event.schema.field(parent) === null
      ? event
      : (event.getWithoutDefault(parent) as Struct | null);
  // There is no transaction during snapshots, for one.
  if (container === null) return null;
  const source = container.schema.field(field) === null ? event : container;
  return source.getWithoutDefault(field);
}

function asOptional(schema: Schema): Schema {
  const builder =
    schema.type === 'ARRAY' || schema.type === 'MAP'
      ? new SchemaBuilder(
          schema.type,
          schema.type === 'MAP' ? schema.keySchema : null,
          schema.valueSchema,
        )
      : new SchemaBuilder(schema.type);
  if (schema.type === 'STRUCT') {
    for (const field of schema.fields) builder.field(field.name, field.schema);
  }
  return copyBasics(schema, builder).optional().build();
}
