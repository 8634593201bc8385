import { DataError } from './errors.ts';
import { bigintToFloat } from './java-float.ts';
import { javaText } from './java-text.ts';
import { type Schema, type SchemaType, schemasEqual } from './schema.ts';
import { Struct } from './struct.ts';

/** Source: Kafka Connect `SchemaProjectorException`. */
export class SchemaProjectorError extends DataError {
  static override readonly kind: string = 'SchemaProjectorError';
  static override readonly javaName: string =
    'org.apache.kafka.connect.errors.SchemaProjectorException';
}

/**
 * A value of schema `source` as one of schema `target`: numbers widened, fields dropped or filled with defaults.
 * Version, doc and default do not count in the comparison. Source: Kafka Connect `SchemaProjector`.
 */
export function projectValue(source: Schema, value: unknown, target: Schema): unknown {
  checkCompatible(source, target);
  if (source.isOptional && !target.isOptional) {
    if (target.defaultValue === null) {
      throw new SchemaProjectorError(
        'Writer schema is optional, however, target schema does not provide a default value.',
      );
    }
    return value === null ? target.defaultValue : projectRequired(source, value, target);
  }
  return value === null ? null : projectRequired(source, value, target);
}

const promotions: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64'];

function checkCompatible(source: Schema, target: Schema): void {
  if (source.type !== target.type && !isPromotable(source.type, target.type)) {
    throw new SchemaProjectorError(
      `Schema type mismatch. source type: ${source.type} and target type: ${target.type}`,
    );
  }
  if (source.name !== target.name) {
    throw new SchemaProjectorError(
      `Schema name mismatch. source name: ${source.name} and target name: ${target.name}`,
    );
  }
  const [from, to] = [source.parameters, target.parameters];
  const areEqual =
    from === null || to === null
      ? from === to
      : from.size === to.size && [...from].every(([key, value]) => to.get(key) === value);
  if (!areEqual) {
    throw new SchemaProjectorError(
      `Schema parameters not equal. source parameters: ${javaText(from)} and target parameters: ${javaText(to)}`,
    );
  }
}

function isPromotable(from: SchemaType, to: SchemaType): boolean {
  const rank = promotions.indexOf(from);
  return rank >= 0 && promotions.indexOf(to) > rank;
}

function projectRequired(source: Schema, value: unknown, target: Schema): unknown {
  switch (target.type) {
    case 'STRUCT':
      return projectStruct(source, value as Struct, target);
    case 'ARRAY':
      return (value as unknown[]).map((item) =>
        projectValue(source.valueSchema as Schema, item, target.valueSchema as Schema),
      );
    case 'MAP':
      return projectMap(source, value as Map<unknown, unknown>, target);
    default:
      return projectScalar(source, value, target);
  }
}

function projectStruct(source: Schema, value: Struct, target: Schema): Struct {
  const result = new Struct(target);
  for (const field of target.fields) {
    const sourceField = source.field(field.name);
    if (sourceField !== null) {
      try {
        result.put(field, projectValue(sourceField.schema, value.get(field.name), field.schema));
      } catch (error) {
        if (!SchemaProjectorError.is(error)) throw error;
        throw new SchemaProjectorError(`Error projecting ${sourceField.name}`, { cause: error });
      }
    } else if (field.schema.isOptional) {
      // It stays null, also where it has a default.
    } else if (field.schema.defaultValue !== null) {
      result.put(field, field.schema.defaultValue);
    } else {
      throw new SchemaProjectorError(
        `Required field \`${field.name}\` is missing from source schema: ${source}`,
      );
    }
  }
  return result;
}

function projectMap(
  source: Schema,
  value: Map<unknown, unknown>,
  target: Schema,
): Map<unknown, unknown> {
  const result = new Map<unknown, unknown>();
  for (const [key, item] of value) {
    result.set(
      projectValue(source.keySchema as Schema, key, target.keySchema as Schema),
      projectValue(source.valueSchema as Schema, item, target.valueSchema as Schema),
    );
  }
  return result;
}

function projectScalar(source: Schema, value: unknown, target: Schema): unknown {
  if (source.type === target.type || schemasEqual(source, target)) return value;
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  if (target.type === 'INT64') return BigInt(value);
  if (target.type !== 'FLOAT32') return Number(value);
  return typeof value === 'bigint' ? bigintToFloat(value) : Math.fround(value);
}
