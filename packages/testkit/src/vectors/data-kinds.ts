import {
  dateFromInt,
  dateToInt,
  decimalFromBytes,
  decimalToBytes,
  type Header,
  Headers,
  INT32_SCHEMA,
  INT64_SCHEMA,
  projectValue,
  Schema,
  SchemaBuilder,
  type SchemaType,
  Struct,
  timeFromInt,
  timestampFromLong,
  timestampToLong,
  timeToInt,
  validateValue,
} from '@tributary/sdk';
import type { Adapter, VectorInput } from './vector-file.ts';
import { readSchema, readValue, writeSchema, writeValue } from './vector-values.ts';

export const dataKinds: Record<string, Adapter> = {
  headers: runHeaders,
  'logical-types': runLogical,
  'schema-projector': (input) => {
    const from = readSchema(input.from) as Schema;
    const to = readSchema(input.to) as Schema;
    return writeValue(projectValue(from, readValue(input.value, from), to), to);
  },
  'schema-struct': runSchemaStruct,
  'schema-validate': (input) => {
    const schema = readSchema(input.schema);
    validateValue(input.field ?? null, schema, readValue(input.value, schema));
    return true;
  },
};

function runHeaders(input: VectorInput): unknown {
  const headers = new Headers();
  for (const [method, ...args] of input.calls) callHeaders(headers, method, args);
  const written = [...headers].map(({ key, schema, value }: Header) => ({
    key,
    schema: writeSchema(schema),
    value: writeValue(value, schema),
  }));
  return { headers: written, text: headers.toString() };
}

function callHeaders(headers: Headers, method: string, args: VectorInput[]): void {
  if (method === 'add') {
    const schema = readSchema(args[2]);
    headers.add(args[0], readValue(args[1], schema), schema);
    return;
  }
  const typeOfMethod: Record<string, SchemaType> = {
    addByte: 'INT8',
    addShort: 'INT16',
    addInt: 'INT32',
    addLong: 'INT64',
    addFloat: 'FLOAT32',
    addDouble: 'FLOAT64',
  };
  const type = typeOfMethod[method];
  const [key, ...rest] = args;
  const hint = type === undefined ? null : new Schema({ type });
  const schema = typeof rest[1] === 'object' ? readSchema(rest[1]) : null;
  const values = rest.map((arg, index) =>
    index === 0 ? readOrPlain(arg, schema ?? hint) : schema,
  );
  const target = headers as unknown as Record<string, (...args: unknown[]) => unknown>;
  const call = target[method];
  if (call === undefined) throw new Error(`Headers has no method ${method}`);
  call.call(headers, ...(key === undefined ? [] : [key]), ...values);
}

/** Some arguments are plain JSON: a text, null. */
function readOrPlain(arg: unknown, schema: Schema | null): unknown {
  return typeof arg === 'object' ? readValue(arg, schema) : arg;
}

function runLogical(input: VectorInput): unknown {
  const schema = readSchema(input.schema) as Schema;
  const value = readValue(input.value, schema);
  const isTo = input.call === 'toLogical';
  switch (input.type) {
    case 'Decimal':
      return writeValue(
        isTo
          ? decimalFromBytes(schema, readRaw(input) as Uint8Array)
          : decimalToBytes(schema, value as never),
        null,
      );
    case 'Date':
      return isTo
        ? writeValue(dateFromInt(schema, Number(value)), null)
        : writeValue(dateToInt(schema, value as Date), INT32_SCHEMA);
    case 'Time':
      return isTo
        ? writeValue(timeFromInt(schema, Number(value)), null)
        : writeValue(timeToInt(schema, value as Date), INT32_SCHEMA);
    default:
      return isTo
        ? writeValue(timestampFromLong(schema, value as bigint), null)
        : writeValue(timestampToLong(schema, value as Date), INT64_SCHEMA);
  }
}

function readRaw(input: VectorInput): unknown {
  return readValue(input.value, null);
}

function runSchemaStruct(input: VectorInput): unknown {
  switch (input.do) {
    case 'SchemaBuilder':
      return writeSchema(buildSchema(input.calls));
    case 'Struct':
      return runStruct(input);
    case 'new Struct':
      return writeValue(new Struct(readSchema(input.schema) as Schema), null);
    case 'Schema accessor': {
      const schema = readSchema(input.schema) as Schema;
      if (input.call === 'field') return schema.field('f');
      return schema[input.call as 'fields' | 'keySchema' | 'valueSchema'];
    }
    default:
      throw new Error(`Unknown call sequence "${input.do}"`);
  }
}

function buildSchema(calls: VectorInput[]): Schema {
  const [[, type, ...parts], ...rest] = calls;
  let builder = startBuilder(type, parts);
  for (const [method, ...args] of rest) {
    if (method === 'defaultValue') builder.default(readValue(args[0], builder.build()));
    else if (method === 'field') builder.field(args[0], plainSchema(args[1]) as Schema);
    else if (method === 'parameters') builder.parameters(Object.entries(args[0]));
    else {
      const call = (builder as unknown as Record<string, (...args: unknown[]) => SchemaBuilder>)[
        method
      ];
      builder = (call as (...args: unknown[]) => SchemaBuilder).call(builder, ...args);
    }
  }
  return builder.build();
}

function startBuilder(type: string, parts: VectorInput[]): SchemaBuilder {
  if (type === 'array') return SchemaBuilder.array(plainSchema(parts[0]) as Schema);
  if (type === 'map') {
    return SchemaBuilder.map(plainSchema(parts[0]) as Schema, plainSchema(parts[1]) as Schema);
  }
  return new SchemaBuilder(type.toUpperCase() as SchemaType);
}

function plainSchema(type: string | null): Schema | null {
  return type === null ? null : readSchema({ type });
}

function runStruct(input: VectorInput): unknown {
  const schema = readSchema(input.schema) as Schema;
  const struct = new Struct(schema);
  for (const [key, json] of input.put.map) {
    const field = schema.field(key.string);
    struct.put(key.string, readValue(json, field?.schema ?? null));
  }
  if (input.call === 'validate') {
    struct.validate();
    return true;
  }
  if (input.call === 'toString') return { string: struct.toString() };
  const getter = (struct as unknown as Record<string, (name: string) => unknown>)[input.call];
  if (getter === undefined) throw new Error(`Struct has no method ${input.call}`);
  return writeValue(getter.call(struct, input.field), schema.field(input.field)?.schema ?? null);
}
