import { isStruct, javaText, numberTypeOf, type Schema, TypedNumber } from '@tributary/sdk';
import { isPlainObject } from './requirements.ts';

/** A field's value with its schema; null without a schema. */
export interface FieldValue {
  readonly schema: Schema | null;
  readonly value: unknown;
}

/** The field of a struct (with its default) or the member of a map; null when there is none, undefined when `container` is neither. */
export function fieldOf(container: unknown, name: string): FieldValue | null | undefined {
  if (isStruct(container)) {
    const field = container.schema.field(name);
    return field && { schema: field.schema, value: container.get(field) };
  }
  if (container instanceof Map) {
    return container.has(name) ? { schema: null, value: container.get(name) ?? null } : null;
  }
  if (isPlainObject(container)) {
    return Object.hasOwn(container, name) ? { schema: null, value: container[name] ?? null } : null;
  }
  return undefined;
}

/** A Long of Java: of an INT64 field, or a whole number without a schema. */
export function isLong({ schema, value }: FieldValue): boolean {
  if (typeof value !== 'bigint' && typeof value !== 'number') return false;
  return schema === null ? numberTypeOf(value) === 'INT64' : schema.type === 'INT64';
}

export function isScalar(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) ||
    value instanceof TypedNumber
  );
}

/** What Java's toString makes of it. */
export function textOf({ schema, value }: FieldValue): string {
  return javaText(value, schema);
}
