import {
  Decimal,
  Field,
  isDecimal,
  isStruct,
  type NumberType,
  numberTypeOf,
  Password,
  Schema,
  type SchemaType,
  Struct,
  TypedNumber,
} from '@tributary/sdk';

/** Schemas and values in the JSON form of the recordings, which names the Java class of every value in a tag. */

export interface VectorSchema {
  type: string;
  optional?: boolean;
  name?: string;
  version?: number;
  doc?: string;
  parameters?: Record<string, string>;
  key?: VectorSchema | null;
  value?: VectorSchema | null;
  fields?: { name: string; schema: VectorSchema }[];
  default?: unknown;
}

type Tagged = Record<string, unknown>;

export function readSchema(json: VectorSchema | null | undefined): Schema | null {
  if (json === null || json === undefined) return null;
  const attributes = {
    type: json.type.toUpperCase() as SchemaType,
    isOptional: json.optional ?? false,
    name: json.name ?? null,
    version: json.version ?? null,
    doc: json.doc ?? null,
    parameters: json.parameters ? new Map(Object.entries(json.parameters)) : null,
    keySchema: readSchema(json.key),
    valueSchema: readSchema(json.value),
    fields:
      json.fields?.map(
        (field, index) => new Field(field.name, index, readSchema(field.schema) as Schema),
      ) ?? [],
  };
  const schema = new Schema(attributes);
  if (json.default === undefined || json.default === null) return schema;
  return new Schema({ ...attributes, defaultValue: readValue(json.default, schema) });
}

export function writeSchema(schema: Schema | null): VectorSchema | null {
  if (schema === null) return null;
  const json: VectorSchema = { type: schema.type.toLowerCase() };
  if (schema.isOptional) json.optional = true;
  if (schema.name !== null) json.name = schema.name;
  if (schema.version !== null) json.version = schema.version;
  if (schema.doc !== null) json.doc = schema.doc;
  if (schema.parameters !== null) json.parameters = Object.fromEntries(schema.parameters);
  if (schema.type === 'MAP') json.key = writeSchema(schema.keySchema);
  if (schema.type === 'MAP' || schema.type === 'ARRAY')
    json.value = writeSchema(schema.valueSchema);
  if (schema.type === 'STRUCT') {
    json.fields = schema.fields.map((field) => ({
      name: field.name,
      schema: writeSchema(field.schema) as VectorSchema,
    }));
  }
  if (schema.defaultValue !== null) json.default = writeValue(schema.defaultValue, schema);
  return json;
}

/** A number of another type than the schema's comes wrapped, so that its class is wrong as it was in Java. */
export function readValue(json: unknown, schema: Schema | null): unknown {
  if (json === null || json === undefined) return null;
  const tagged = json as Tagged;
  if ('struct' in tagged) return readStruct(tagged, schema);
  const [tag, content] = Object.entries(tagged)[0] as [string, unknown];
  switch (tag) {
    case 'boolean':
    case 'string':
      return content;
    case 'int64':
      return BigInt(content as string);
    case 'bigint':
      return BigInt(content as string);
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return readNumber(tag.toUpperCase() as NumberType, content, schema);
    case 'bytes':
      return new Uint8Array(Buffer.from(content as string, 'base64'));
    case 'decimal': {
      const { unscaled, scale } = content as { unscaled: string; scale: number };
      return new Decimal(BigInt(unscaled), scale);
    }
    case 'instant':
      return instantOf(content as number);
    case 'list': {
      const element = schema?.type === 'ARRAY' ? schema.valueSchema : null;
      return (content as unknown[]).map((item) => readValue(item, element));
    }
    case 'map':
      return readMap(content as [unknown, unknown][], schema);
    default:
      throw new Error(`Unknown tag "${tag}" in a vector`);
  }
}

export function writeValue(value: unknown, schema: Schema | null): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return { string: value };
  if (typeof value === 'boolean') return { boolean: value };
  if (value instanceof TypedNumber) return writeNumber(value.type, value.value);
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
    return { bigint: value.toString() };
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    const type =
      schema !== null && numberTypes.has(schema.type) ? schema.type : numberTypeOf(value);
    return writeNumber(type as NumberType, value);
  }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Date) return { instant: value.getTime() };
  if (value instanceof Password) return { password: value.reveal() };
  if (isDecimal(value)) {
    return { decimal: { unscaled: value.unscaled.toString(), scale: value.scale } };
  }
  if (isStruct(value)) return writeStruct(value);
  if (Array.isArray(value)) {
    const element = schema?.type === 'ARRAY' ? schema.valueSchema : null;
    return { list: value.map((item) => writeValue(item, element)) };
  }
  const isMap = schema?.type === 'MAP';
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return {
    map: entries.map(([key, item]) => [
      writeValue(key, isMap ? schema.keySchema : null),
      writeValue(item, isMap ? schema.valueSchema : null),
    ]),
  };
}

const numberTypes = new Set<string>(['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64']);

/** Java's dates reach further than JavaScript's; what computes with milliseconds must not mind. */
function instantOf(millis: number): Date {
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) date.getTime = () => millis;
  return date;
}

function readNumber(type: NumberType, content: unknown, schema: Schema | null): unknown {
  const number = Number(content);
  const value = type === 'FLOAT32' ? Math.fround(number) : number;
  return schema?.type === type ? value : TypedNumber.of(type, value);
}

function writeNumber(type: NumberType, value: number | bigint): unknown {
  if (type === 'INT64') return { int64: value.toString() };
  const number = Number(value);
  const isSpecial = !Number.isFinite(number) || Object.is(number, -0);
  const text = Object.is(number, -0) ? '-0.0' : String(number);
  return { [type.toLowerCase()]: isSpecial ? text : number };
}

function readStruct(tagged: Tagged, known: Schema | null): Struct {
  const schema = 'schema' in tagged ? readSchema(tagged['schema'] as VectorSchema) : known;
  const struct = new Struct(schema as Schema);
  for (const [name, json] of Object.entries(tagged['struct'] as Record<string, unknown>)) {
    const field = struct.schema.field(name);
    if (json !== null) struct.put(name, readValue(json, field?.schema ?? null));
  }
  return struct;
}

function writeStruct(struct: Struct): unknown {
  const members = struct.schema.fields.map((field, index) => [
    field.name,
    writeValue(struct.at(index), field.schema),
  ]);
  return { struct: Object.fromEntries(members) };
}

function readMap(entries: [unknown, unknown][], schema: Schema | null): Map<unknown, unknown> {
  const isMap = schema?.type === 'MAP';
  return new Map(
    entries.map(([key, item]) => [
      readValue(key, isMap ? schema.keySchema : null),
      readValue(item, isMap ? schema.valueSchema : null),
    ]),
  );
}
