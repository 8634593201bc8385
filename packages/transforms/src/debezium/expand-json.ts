import {
  OPTIONAL_BOOLEAN_SCHEMA,
  OPTIONAL_BYTES_SCHEMA,
  OPTIONAL_FLOAT64_SCHEMA,
  OPTIONAL_INT32_SCHEMA,
  OPTIONAL_INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  type Schema,
  SchemaBuilder,
  Struct,
} from '@tributary/sdk';

interface Expanded {
  readonly schema: Schema;
  readonly value: unknown;
}

/** A JSON object or array as struct or list, all parts optional; null for text that is none, or whose arrays hold different types. */
export function expandJson(text: string, keepsNull: boolean): Expanded | null {
  if (!/^[{[]/.test(text)) return null;
  let node: unknown;
  try {
    node = JSON.parse(text, keepWholeNumbers);
  } catch {
    return null;
  }
  const schema = schemaOf([node], keepsNull);
  return schema === null ? null : { schema, value: valueOf(node, schema) };
}

/** Whole numbers keep all of their digits. */
function keepWholeNumbers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? '';
  return typeof value === 'number' && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** Of all values that one place holds; null when they have none in common. */
function schemaOf(nodes: readonly unknown[], keepsNull: boolean): Schema | null {
  const present = nodes.filter((node) => node !== null);
  if (present.length === 0) return keepsNull ? OPTIONAL_BYTES_SCHEMA : null;
  if (present.every((node) => typeof node === 'string')) return OPTIONAL_STRING_SCHEMA;
  if (present.every((node) => typeof node === 'boolean')) return OPTIONAL_BOOLEAN_SCHEMA;
  if (present.every((node) => typeof node === 'bigint')) return wholeSchema(present);
  if (present.every((node) => typeof node === 'number' || typeof node === 'bigint')) {
    return OPTIONAL_FLOAT64_SCHEMA;
  }
  if (present.every(Array.isArray)) return arraySchema(present.flat(), keepsNull);
  const areObjects = present.every((node) => typeof node === 'object' && !Array.isArray(node));
  return areObjects ? structSchema(present as JsonObject[], keepsNull) : null;
}

type JsonObject = Readonly<Record<string, unknown>>;

function wholeSchema(numbers: readonly bigint[]): Schema {
  const isInt = numbers.every((number) => BigInt.asIntN(32, number) === number);
  if (isInt) return OPTIONAL_INT32_SCHEMA;
  const isLong = numbers.every((number) => BigInt.asIntN(64, number) === number);
  return isLong ? OPTIONAL_INT64_SCHEMA : OPTIONAL_FLOAT64_SCHEMA;
}

function arraySchema(elements: readonly unknown[], keepsNull: boolean): Schema | null {
  // An empty list tells nothing about its elements.
  const element = elements.length === 0 ? OPTIONAL_STRING_SCHEMA : schemaOf(elements, keepsNull);
  return element && SchemaBuilder.array(element).optional().build();
}

function structSchema(objects: readonly JsonObject[], keepsNull: boolean): Schema | null {
  const names = new Set(objects.flatMap((object) => Object.keys(object)));
  const builder = SchemaBuilder.struct().optional();
  for (const name of names) {
    const members = objects.map((object) => (Object.hasOwn(object, name) ? object[name] : null));
    const schema = schemaOf(members, keepsNull);
    const isMixed = schema === null && members.some((member) => member !== null);
    if (isMixed) return null;
    if (schema !== null && name !== '') builder.field(name, schema);
  }
  return builder.build();
}

function valueOf(node: unknown, schema: Schema): unknown {
  if (node === null || node === undefined) return null;
  switch (schema.type) {
    case 'INT32':
    case 'FLOAT64':
      return Number(node);
    case 'ARRAY':
      return (node as unknown[]).map((item) => valueOf(item, schema.valueSchema as Schema));
    case 'STRUCT': {
      const object = node as JsonObject;
      const values = schema.fields.map((field) =>
        Object.hasOwn(object, field.name) ? valueOf(object[field.name], field.schema) : null,
      );
      return new Struct(schema, values);
    }
    default:
      return node;
  }
}
