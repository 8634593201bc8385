import { type ConnectRecord, isStruct, type Schema, Struct } from '@tributary/sdk';
import { perSchema } from '../per-schema.ts';
import { perText } from '../per-text.ts';
import { structWithBasics } from '../struct-copy.ts';

export interface DropFieldsOptions {
  /** Null: nothing is dropped. */
  readonly header: string | null;
  readonly fromKey: boolean;
  readonly onlyOptional: boolean;
}

/** Leaves out the fields that a header of the record lists. */
export function fieldDropper(options: DropFieldsOptions): (record: ConnectRecord) => ConnectRecord {
  const { header: headerName, fromKey, onlyOptional } = options;
  if (headerName === null || headerName === '') return (record) => record;
  const schemaWithout = perText((names) =>
    perSchema((schema) => dropFrom(schema, new Set(names.split(',')), onlyOptional)),
  );
  const drop = (value: unknown, names: string): Struct | null => {
    if (!isStruct(value)) return null;
    const schema = schemaWithout(names)(value.schema);
    const values = schema.fields.map((field) => value.getWithoutDefault(field.name));
    return new Struct(schema, values);
  };
  return (record) => {
    const listed = record.headersOrNull?.allWithName(headerName)[0]?.value;
    if (!Array.isArray(listed) || listed.length === 0) return record;
    const names = listed.join(',');
    const value = drop(record.value, names);
    const key = fromKey ? drop(record.key, names) : null;
    return record.newRecord({
      ...(value === null ? {} : { value, valueSchema: value.schema }),
      ...(key === null ? {} : { key, keySchema: key.schema }),
    });
  };
}

function dropFrom(schema: Schema, names: ReadonlySet<string>, onlyOptional: boolean): Schema {
  const builder = structWithBasics(schema);
  for (const field of schema.fields) {
    const isDropped = names.has(field.name) && (!onlyOptional || field.schema.isOptional);
    if (!isDropped) builder.field(field.name, field.schema);
  }
  return builder.build();
}
