import { isDecimal } from './decimal.ts';
import { DataError } from './errors.ts';
import { isStruct } from './is-struct.ts';
import { javaClassName } from './java-class.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import type { Schema } from './schema.ts';

/**
 * DataError unless `value` is one of `schema`; `fieldName` null means a value by itself. Null is refused where the schema is required, also when it has a default.
 * Source: Kafka Connect `ConnectSchema.validateValue`.
 */
export function validateValue(
  fieldName: string | null,
  schema: Schema | null,
  value: unknown,
): void {
  if (schema !== null && isScalarOf(schema, value)) return;
  validateAt(fieldName === null ? 'value' : `field: "${fieldName}"`, schema, value);
}

function validateAt(location: string, schema: Schema | null, value: unknown): void {
  if (schema === null) throw new DataError(`No schema defined for ${location}`);
  if (value === null || value === undefined) {
    if (schema.isOptional) return;
    throw new DataError(
      `Invalid value: null used for required ${location}, schema type: ${schema.type}`,
    );
  }
  if (!hasClassFor(schema, value)) {
    const named = schema.name === null ? 'schema' : `schema "${schema.name}"`;
    throw new DataError(
      `Invalid Java object for ${named} with type ${schema.type}: class ${classFound(value)} for ${location}`,
    );
  }
  validateParts(location, schema, value);
}

function validateParts(location: string, schema: Schema, value: unknown): void {
  if (schema.type === 'STRUCT' && isStruct(value)) {
    if (!value.schema.equals(schema)) throw new DataError('Struct schemas do not match.');
    value.validate();
  } else if (schema.type === 'ARRAY' && Array.isArray(value)) {
    const element = schema.valueSchema;
    for (const item of value) {
      if (element === null || !isScalarOf(element, item)) {
        validateAt(`element of array ${location}`, element, item);
      }
    }
  } else if (schema.type === 'MAP' && value instanceof Map) {
    for (const [key, item] of value) {
      validateAt(`key of map ${location}`, schema.keySchema, key);
      validateAt(`value of map ${location}`, schema.valueSchema, item);
    }
  }
}

/** The quick answer for most values: null where allowed, and scalars without a logical name. */
function isScalarOf(schema: Schema, value: unknown): boolean {
  if (value === null) return schema.isOptional;
  return schema.isPrimitive && hasClassFor(schema, value);
}

/** Of the class that the schema demands; containers are not looked into. */
export function hasClassFor(schema: Schema, value: unknown): boolean {
  if (schema.name !== null) {
    switch (schema.name) {
      case DECIMAL_NAME:
        return isDecimal(value);
      case DATE_NAME:
      case TIME_NAME:
      case TIMESTAMP_NAME:
        return value instanceof Date;
    }
  }
  switch (schema.type) {
    case 'INT8':
      return typeof value === 'number' && (value << 24) >> 24 === value;
    case 'INT16':
      return typeof value === 'number' && (value << 16) >> 16 === value;
    case 'INT32':
      return typeof value === 'number' && (value | 0) === value;
    case 'INT64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
    case 'FLOAT32':
    case 'FLOAT64':
      return typeof value === 'number';
    case 'BOOLEAN':
      return typeof value === 'boolean';
    case 'STRING':
      return typeof value === 'string';
    case 'BYTES':
      return value instanceof Uint8Array;
    case 'ARRAY':
      return Array.isArray(value);
    case 'MAP':
      return value instanceof Map;
    case 'STRUCT':
      return isStruct(value);
  }
}

/** A plain integer in the wrong place reads best as the class its size suggests. */
function classFound(value: unknown): string {
  const isInteger = typeof value === 'number' && Object.is(value | 0, value);
  return isInteger ? 'java.lang.Integer' : javaClassName(value);
}
