import {
  ArrayIndexOutOfBoundsError,
  ConfigError,
  defineConfig,
  type Field,
  javaHashOrder,
  javaTrim,
  list,
  type OwnMap,
  type Schema,
  SchemaBuilder,
  Struct,
  validator,
} from '@tributary/sdk';
import {
  type CastTarget,
  type CastValue,
  castFrom,
  castSchemaless,
  castTarget,
} from './cast-value.ts';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { javaSplit } from './java-split.ts';
import { perSchema } from './per-schema.ts';
import { requireMap, requireStruct } from './requirements.ts';
import {
  checkedCopy,
  copyBasics,
  fieldReader,
  replaceNullWithDefault,
  structWithBasics,
} from './struct-copy.ts';

const purpose = 'cast types';

const config = defineConfig(
  list('spec', {
    importance: 'HIGH',
    validator: validator(
      'list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>',
      (_name, value) => {
        const spec = value as readonly string[] | null;
        if (spec === null || spec.length === 0) {
          throw new ConfigError('Must specify at least one field to cast.');
        }
        parseSpec(spec);
      },
    ),
    doc: 'Fields with the types they get, as name:type, or one type for the whole data: int8, int16, int32, int64, float32, float64, boolean or string.',
  }),
  replaceNullWithDefault,
);

/** Changes the type of fields or of the whole data. */
export const cast: KeyAndValue = defineForKeyAndValue(`${apache}.Cast`, config, (options, half) => {
  const { whole, fields } = parseSpec(options.spec);
  const read = fieldReader(options['replace.null.with.default']);
  const planFor = perSchema((schema) =>
    whole === null ? planStruct(schema, fields) : planWhole(schema, whole),
  );
  return (record, own) => {
    const value = half.valueOf(record);
    if (value === null) return record;
    const schema = half.schemaOf(record);
    if (schema === null) {
      const updated = whole === null ? castMap(value, own) : castSchemaless(value, whole);
      return half.replace(record, null, updated);
    }
    const plan = planFor(schema);
    const updated = plan.whole === null ? castStruct(value, schema, plan) : plan.whole(value);
    return half.replace(record, plan.schema, updated);
  };

  function castMap(value: unknown, own: OwnMap): Map<string, unknown> {
    const updated = own.of(requireMap(value, purpose));
    for (const [name, target] of fields) {
      updated.set(name, castSchemaless(updated.get(name) ?? null, target));
    }
    return updated;
  }

  function castStruct(value: unknown, schema: Schema, plan: Plan): Struct {
    const struct = requireStruct(value, schema, purpose);
    const to = plan.schema.fields;
    const values = struct.schema.fields.map((field, index) => {
      const found = read(struct, field);
      const cast = found === null ? null : (plan.casts[index] ?? null);
      return checkedCopy(cast === null ? found : cast(found), to[index] as Field);
    });
    return new Struct(plan.schema, values);
  }
});

interface Spec {
  /** The type of the whole data; then there are no fields. */
  readonly whole: CastTarget | null;
  readonly fields: ReadonlyMap<string, CastTarget>;
}

function parseSpec(spec: readonly string[]): Spec {
  const found = new Map<string, CastTarget>();
  let whole: CastTarget | null = null;
  for (const mapping of spec) {
    const parts = javaSplit(mapping, ':');
    if (parts.length > 2) {
      // The key that Java names here is another transformation's.
      throw new ConfigError('renames', spec, `Invalid rename mapping: ${mapping}`);
    }
    const [name = '', type] = parts;
    if (parts.length === 0) {
      throw new ArrayIndexOutOfBoundsError('Index 1 out of bounds for length 0');
    }
    if (type === undefined) whole = castTarget(javaTrim(name));
    else found.set(javaTrim(name), castTarget(javaTrim(type)));
  }
  if (whole !== null && spec.length > 1) {
    throw new ConfigError(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    );
  }
  // Where several fields fail it is the order of Java's map that decides which is named.
  const inJavaOrder = javaHashOrder([...found.keys()]);
  return {
    whole,
    fields: new Map(inJavaOrder.map((name) => [name, found.get(name) as CastTarget])),
  };
}

interface Plan {
  readonly schema: Schema;
  /** Of the whole data; then there are no casts of fields. */
  readonly whole: CastValue | null;
  /** By field index; null where a field keeps its type. */
  readonly casts: readonly (CastValue | null)[];
}

/** The name of the schema stays, even where it was a logical type's. */
function planWhole(schema: Schema, target: CastTarget): Plan {
  const builder = copyBasics(schema, new SchemaBuilder(target));
  const whole = castFrom(schema, target);
  return { schema: withOptionality(schema, builder, whole), whole, casts: [] };
}

function planStruct(schema: Schema, fields: ReadonlyMap<string, CastTarget>): Plan {
  const builder = structWithBasics(schema);
  const casts = schema.fields.map((field) => {
    const target = fields.get(field.name);
    if (target === undefined) {
      builder.field(field.name, field.schema);
      return null;
    }
    const cast = castFrom(field.schema, target);
    builder.field(field.name, withOptionality(field.schema, new SchemaBuilder(target), cast));
    return cast;
  });
  // A struct that has a default is refused, as Java does it.
  const castDefault = castFrom(schema, 'STRING');
  return { schema: withOptionality(schema, builder, castDefault), whole: null, casts };
}

function withOptionality(source: Schema, builder: SchemaBuilder, cast: CastValue): Schema {
  if (source.isOptional) builder.optional();
  if (source.defaultValue !== null) {
    builder.default(cast(source.defaultValue));
  }
  return builder.build();
}
