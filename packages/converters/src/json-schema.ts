import {
  DataError,
  isStruct,
  type Schema,
  SchemaBuilder,
  SchemaBuilderError,
  type SchemaType,
} from '@tributary/sdk';
import { compileDecoder, type DecoderOptions, isObject } from './json-decoder.ts';
import { compileEncoder, type EncoderOptions } from './json-encoder.ts';
import type { JsonNode, JsonObject } from './json-parser.ts';
import { quote } from './json-text.ts';

const typeNames: Record<SchemaType, string> = {
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
  BYTES: 'bytes',
  ARRAY: 'array',
  MAP: 'map',
  STRUCT: 'struct',
};
const typesByName = new Map(
  Object.entries(typeNames).map(([type, name]) => [name, type as SchemaType]),
);

/** The schema object of the envelope; members in the order in which Kafka Connect writes them. */
export function schemaText(schema: Schema | null, options: EncoderOptions): string {
  return schema === null ? 'null' : `{${schemaMembers(schema, options)}}`;
}

/** Null for JSON null. DataError when the object describes no schema. */
export function schemaFromJson(node: JsonNode, options: DecoderOptions): Schema | null {
  if (node === null) return null;
  const members = isObject(node) ? node : {};
  const builder = builderFor(members, options);
  if (members['optional'] === true) builder.optional();
  const { name, version, doc, parameters } = members;
  if (typeof name === 'string') builder.name(name);
  if (typeof version === 'number' && Number.isInteger(version)) builder.version(version | 0);
  if (typeof version === 'bigint') builder.version(Number(BigInt.asIntN(32, version)));
  if (typeof doc === 'string') builder.doc(doc);
  if (isObject(parameters)) {
    for (const [key, value] of Object.entries(parameters)) {
      if (typeof value !== 'string') {
        throw new DataError('Schema parameters must have string values.');
      }
      builder.parameter(key, value);
    }
  }
  if (Object.hasOwn(members, 'default')) {
    const value = compileDecoder(builder.build(), options)(members['default']);
    // In Kafka Connect the default of a struct never has the schema that it is the default of.
    if (isStruct(value)) throw new SchemaBuilderError('Invalid default value');
    builder.default(value);
  }
  return builder.build();
}

function schemaMembers(schema: Schema, options: EncoderOptions): string {
  const parts = [`"type":"${typeNames[schema.type]}"`];
  if (schema.type === 'ARRAY') {
    parts.push(`"items":${schemaText(schema.valueSchema, options)}`);
  } else if (schema.type === 'MAP') {
    parts.push(`"keys":${schemaText(schema.keySchema, options)}`);
    parts.push(`"values":${schemaText(schema.valueSchema, options)}`);
  } else if (schema.type === 'STRUCT') {
    const fields = schema.fields.map(
      (field) => `{${schemaMembers(field.schema, options)},"field":${quote(field.name)}}`,
    );
    parts.push(`"fields":[${fields.join(',')}]`);
  }
  parts.push(`"optional":${schema.isOptional}`);
  if (schema.name !== null) parts.push(`"name":${quote(schema.name)}`);
  if (schema.version !== null) parts.push(`"version":${schema.version}`);
  if (schema.doc !== null) parts.push(`"doc":${quote(schema.doc)}`);
  if (schema.parameters !== null) {
    const texts = [...schema.parameters].map(([key, value]) => `${quote(key)}:${quote(value)}`);
    parts.push(`"parameters":{${texts.join(',')}}`);
  }
  if (schema.defaultValue !== null) {
    parts.push(`"default":${compileEncoder(schema, options)(schema.defaultValue)}`);
  }
  return parts.join(',');
}

function builderFor(members: JsonObject, options: DecoderOptions): SchemaBuilder {
  const name = Object.hasOwn(members, 'type') ? members['type'] : undefined;
  if (typeof name !== 'string') throw new DataError("Schema must contain 'type' field");
  const type = typesByName.get(name);
  switch (type) {
    case undefined:
      throw new DataError(`Unknown schema type: ${name}`);
    case 'ARRAY':
      return SchemaBuilder.array(itemSchema(members, options));
    case 'MAP':
      requirePart(members, 'keys', 'Map schema did not specify the key type');
      requirePart(members, 'values', 'Map schema did not specify the value type');
      // Null is refused by the builder.
      return SchemaBuilder.map(
        schemaFromJson(members['keys'] as JsonNode, options) as Schema,
        schemaFromJson(members['values'] as JsonNode, options) as Schema,
      );
    case 'STRUCT':
      return structBuilder(members['fields'], options);
    default:
      return new SchemaBuilder(type);
  }
}

/** Looked for before any part is read. */
function requirePart(members: JsonObject, key: string, missing: string): void {
  if (!Object.hasOwn(members, key)) throw new DataError(missing);
}

function itemSchema(members: JsonObject, options: DecoderOptions): Schema {
  const node = Object.hasOwn(members, 'items') ? members['items'] : undefined;
  const schema = node === undefined ? null : schemaFromJson(node, options);
  if (schema === null) throw new DataError('Array schema did not specify the element type');
  return schema;
}

function structBuilder(fields: JsonNode | undefined, options: DecoderOptions): SchemaBuilder {
  const builder = SchemaBuilder.struct();
  if (!Array.isArray(fields)) {
    throw new DataError('Struct schema\'s "fields" argument is not an array.');
  }
  for (const field of fields) {
    const name = isObject(field) ? field['field'] : undefined;
    if (typeof name !== 'string') {
      throw new DataError("Struct schema's field name not specified properly");
    }
    builder.field(name, schemaFromJson(field, options) as Schema);
  }
  return builder;
}
