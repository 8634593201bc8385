import {
  DataError,
  defineConfig,
  type Field,
  inferSchema,
  isStruct,
  javaClassName,
  type Schema,
  SchemaBuilder,
  Struct,
  string,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { perSchema } from './per-schema.ts';
import { perText } from './per-text.ts';
import { type FieldMap, isPlainObject, requireMap, requireStruct } from './requirements.ts';
import { checkedCopy, copyBasics, structWithBasics } from './struct-copy.ts';

const purpose = 'flattening';

const config = defineConfig(
  string('delimiter', {
    default: '.',
    doc: 'Stands between the names of a field and those around it.',
  }),
);

/** Makes one level of nested structs or maps; lists stay as they are. */
export const flatten: KeyAndValue = defineForKeyAndValue(
  `${apache}.Flatten`,
  config,
  ({ delimiter }, half) => {
    const planFor = perSchema((schema) => planStruct(schema, delimiter));
    const namesBelow = perText(
      (prefix) => perText((key) => `${prefix}${delimiter}${key}`, maxNames),
      maxNames,
    );
    return (record, own) => {
      const value = half.valueOf(record);
      if (value === null) return record;
      const schema = half.schemaOf(record);
      if (schema === null) {
        const flat = new Map<string, unknown>();
        flattenMap(requireMap(value, purpose), null, namesBelow, flat);
        return half.replace(record, null, own.take(flat));
      }
      const struct = requireStruct(value, schema, purpose);
      const { flatSchema, slots } = planFor(schema);
      const values: unknown[] = flatSchema.fields.map(() => null);
      fillValues(struct, slots, flatSchema, values);
      return half.replace(record, flatSchema, new Struct(flatSchema, values));
    };
  },
);

/** Names come again with each record: a joined one costs more than the rest of its entry. */
const maxNames = 100;

type NameOf = (key: string) => string;

/** `nameOf` is null at the top, where a key is the name. */
function flattenMap(
  map: FieldMap,
  nameOf: NameOf | null,
  namesBelow: (prefix: string) => NameOf,
  flat: Map<string, unknown>,
): void {
  map.forEach((value, key) => {
    const name = nameOf === null ? key : nameOf(key);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      flat.set(name, value);
    } else if (value instanceof Map || isPlainObject(value)) {
      const below = name === '' ? null : namesBelow(name);
      flattenMap(requireMap(value, purpose), below, namesBelow, flat);
    } else {
      checkSchemaless(name, value);
      flat.set(name, value);
    }
  });
}

function checkSchemaless(name: string, value: unknown): void {
  if (value === null || Array.isArray(value)) return;
  if (isStruct(value)) {
    throw new DataError(
      `Flatten transformation does not support class ${javaClassName(value)} for record without schemas (for field ${name}).`,
    );
  }
  if (inferSchema(value) === null) {
    throw new DataError(
      `Flatten transformation was passed a value of type class ${javaClassName(value)} which is not supported by Connect's data API`,
    );
  }
}

/** One field of a struct: the place of its value among the flat ones, or its own fields. */
interface Slot {
  readonly field: Field;
  readonly index: number;
  readonly children: readonly Slot[] | null;
}

function planStruct(
  schema: Schema,
  delimiter: string,
): { flatSchema: Schema; slots: readonly Slot[] } {
  const builder = structWithBasics(schema);
  let count = 0;
  const slots = planFields(schema, '', schema.isOptional, schema.defaultValue);
  return { flatSchema: builder.build(), slots };

  /** A field below an optional struct is optional; without a default of its own it has the one in its parent's default. */
  function planFields(
    parent: Schema,
    prefix: string,
    isParentOptional: boolean,
    parentDefault: unknown,
  ): Slot[] {
    return parent.fields.map((field) => {
      const name = prefix === '' ? field.name : `${prefix}${delimiter}${field.name}`;
      const isOptional = isParentOptional || field.schema.isOptional;
      const inherited = isStruct(parentDefault) ? parentDefault.get(field) : null;
      const defaultValue = field.schema.defaultValue ?? inherited;
      if (field.schema.type === 'STRUCT') {
        const children = planFields(field.schema, name, isOptional, defaultValue);
        return { field, index: -1, children };
      }
      if (field.schema.type === 'MAP') throw unsupported(name);
      builder.field(name, flatFieldSchema(field.schema, isOptional, defaultValue));
      return { field, index: count++, children: null };
    });
  }
}

function unsupported(name: string): DataError {
  return new DataError(
    `Flatten transformation does not support MAP for record with schemas (for field ${name}).`,
  );
}

function flatFieldSchema(source: Schema, isOptional: boolean, defaultValue: unknown): Schema {
  const builder = copyBasics(
    source,
    source.type === 'ARRAY'
      ? new SchemaBuilder('ARRAY', null, source.valueSchema)
      : new SchemaBuilder(source.type),
  );
  if (isOptional) builder.optional();
  if (defaultValue !== null) builder.default(defaultValue);
  return builder.build();
}

/** Below a struct that is null everything stays null. */
function fillValues(
  struct: Struct,
  slots: readonly Slot[],
  flatSchema: Schema,
  values: unknown[],
): void {
  for (const { field, index, children } of slots) {
    if (children === null) {
      const value = struct.at(field.index) ?? field.schema.defaultValue;
      values[index] = checkedCopy(value, flatSchema.fields[index] as Field);
    } else {
      const nested = struct.at(field.index);
      if (nested !== null) fillValues(nested as Struct, children, flatSchema, values);
    }
  }
}
