export type NumberType = 'INT8' | 'INT16' | 'INT32' | 'INT64' | 'FLOAT32' | 'FLOAT64';

/**
 * A number without a schema whose Java class a plain JavaScript number cannot tell.
 * Without a schema a safe integer and every bigint is a Long, any other number a Double; what differs (a Double of 1.0, an Integer) travels in this wrapper.
 * It computes and prints as the number it holds. Values that have a schema are never wrapped.
 */
export class TypedNumber {
  readonly type: NumberType;
  readonly value: number | bigint;

  constructor(type: NumberType, value: number | bigint) {
    this.type = type;
    this.value = value;
  }

  /** The plain value where it already says its type, else the value in a wrapper. */
  static of(type: NumberType, value: number | bigint): number | bigint | TypedNumber {
    return numberTypeOf(value) === type ? value : new TypedNumber(type, value);
  }

  valueOf(): number | bigint {
    return this.value;
  }

  toJSON(): number | string {
    return typeof this.value === 'bigint' ? this.value.toString() : this.value;
  }

  toString(): string {
    return String(this.value);
  }

  equals(other: unknown): boolean {
    return (
      other instanceof TypedNumber && this.type === other.type && Object.is(this.value, other.value)
    );
  }
}

/** The Connect type of a number without a schema. */
export function numberTypeOf(value: number | bigint | TypedNumber): NumberType {
  if (typeof value === 'bigint') return 'INT64';
  if (typeof value === 'object') return value.type;
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'INT64' : 'FLOAT64';
}
