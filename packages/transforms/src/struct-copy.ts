import {
  boolean,
  type ConfigKey,
  type Field,
  type Schema,
  SchemaBuilder,
  type Struct,
  validateValue,
} from '@tributary/sdk';

/** Of every transformation that reads fields of structs. */
export const replaceNullWithDefault: ConfigKey<'replace.null.with.default', boolean> = boolean(
  'replace.null.with.default',
  { default: true, doc: 'A null whose field has a default is read as that default.' },
);

/** Reads a field as `replace.null.with.default` says. `field` is one of the struct's own schema. */
export type ReadField = (struct: Struct, field: Field) => unknown;

export function fieldReader(replacesNull: boolean): ReadField {
  return replacesNull
    ? (struct, field) => struct.at(field.index) ?? field.schema.defaultValue
    : (struct, field) => struct.at(field.index);
}

/** For a value that comes from a field with the same schema, where only null may be refused. */
export function checkedCopy(value: unknown, to: Field): unknown {
  if (value === null && !to.schema.isOptional) validateValue(to.name, to.schema, null);
  return value;
}

/** A builder with name, version, doc and parameters of `source`. Source: Kafka Connect `SchemaUtil.copySchemaBasics`. */
export function copyBasics(source: Schema, builder: SchemaBuilder): SchemaBuilder {
  return builder
    .name(source.name)
    .version(source.version)
    .doc(source.doc)
    .parameters(source.parameters);
}

export function structWithBasics(source: Schema): SchemaBuilder {
  return copyBasics(source, SchemaBuilder.struct());
}
