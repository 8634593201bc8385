import { Decimal } from './decimal.ts';
import { DataError } from './errors.ts';
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME } from './logical-names.ts';
import { NumberFormatError } from './number-format-error.ts';
import type { Schema } from './schema.ts';
import { SchemaBuilder } from './schema-builder.ts';

/** The logical types: how a Decimal or a Date is stored under its schema. Source: Kafka Connect `Decimal`, `Date`, `Time`, `Timestamp`. */

const dayMs = 86_400_000;
const scaleParameter = 'scale';

export function decimalBuilder(scale: number): SchemaBuilder {
  return SchemaBuilder.bytes()
    .name(DECIMAL_NAME)
    .parameter(scaleParameter, String(scale))
    .version(1);
}

export function decimalSchema(scale: number): Schema {
  return decimalBuilder(scale).build();
}

export function dateBuilder(): SchemaBuilder {
  return SchemaBuilder.int32().name(DATE_NAME).version(1);
}

export function timeBuilder(): SchemaBuilder {
  return SchemaBuilder.int32().name(TIME_NAME).version(1);
}

export function timestampBuilder(): SchemaBuilder {
  return SchemaBuilder.int64().name(TIMESTAMP_NAME).version(1);
}

export const DATE_SCHEMA: Schema = dateBuilder().build();
export const TIME_SCHEMA: Schema = timeBuilder().build();
export const TIMESTAMP_SCHEMA: Schema = timestampBuilder().build();
export const OPTIONAL_DATE_SCHEMA: Schema = dateBuilder().optional().build();
export const OPTIONAL_TIME_SCHEMA: Schema = timeBuilder().optional().build();
export const OPTIONAL_TIMESTAMP_SCHEMA: Schema = timestampBuilder().optional().build();

/** Minimal big-endian two's complement of the unscaled number. */
export function decimalToBytes(schema: Schema, value: Decimal): Uint8Array {
  const scale = decimalScale(schema);
  if (value.scale !== scale) {
    throw new DataError(
      `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
    );
  }
  return bigIntToBytes(value.unscaled);
}

export function decimalFromBytes(schema: Schema, bytes: Uint8Array): Decimal {
  return new Decimal(bigIntFromBytes(bytes), decimalScale(schema));
}

/** DataError when the schema says no usable scale. */
export function decimalScale(schema: Schema): number {
  const text = schema.parameters?.get(scaleParameter);
  if (text === undefined) {
    throw new DataError('Invalid Decimal schema: scale parameter not found.');
  }
  if (!/^[+-]?\d+$/.test(text) || (Number(text) | 0) !== Number(text)) {
    throw new DataError('Invalid scale parameter found in Decimal schema: ');
  }
  return Number(text);
}

/** Days since 1970-01-01. */
export function dateToInt(schema: Schema, value: Date): number {
  checkName(schema, DATE_NAME, 'Date');
  return dateToDays(value);
}

export function dateFromInt(schema: Schema, days: number): Date {
  checkName(schema, DATE_NAME, 'Date');
  return instantOf(days * dayMs);
}

/** Milliseconds since midnight. */
export function timeToInt(schema: Schema, value: Date): number {
  checkName(schema, TIME_NAME, 'Time');
  return timeToMillis(value);
}

export function timeFromInt(schema: Schema, millis: number): Date {
  // Java names the wrong type here.
  checkName(schema, TIME_NAME, 'Date');
  if (millis < 0 || millis > dayMs) {
    throw new DataError(
      'Time values must use number of milliseconds greater than 0 and less than 86400000',
    );
  }
  return new Date(millis);
}

export function timestampToLong(schema: Schema, value: Date): bigint {
  checkName(schema, TIMESTAMP_NAME, 'Timestamp');
  return BigInt(value.getTime());
}

export function timestampFromLong(schema: Schema, millis: bigint): Date {
  checkName(schema, TIMESTAMP_NAME, 'Timestamp');
  return instantOf(Number(millis));
}

/** DataError beyond the range that a Date can hold, 8.64e15 ms to either side of 1970: better than a wrong instant. */
export function instantOf(millis: number): Date {
  const instant = new Date(millis);
  if (Number.isNaN(instant.getTime())) {
    throw new DataError(
      `${millis} ms since 1970 is beyond the range of dates, 8640000000000000 ms`,
    );
  }
  return instant;
}

export function dateToDays(value: Date): number {
  const millis = value.getTime();
  if (millis % dayMs !== 0) {
    throw new DataError(
      'Kafka Connect Date type should not have any time fields set to non-zero values.',
    );
  }
  return millis / dayMs;
}

export function timeToMillis(value: Date): number {
  const millis = value.getTime();
  if (millis < 0 || millis > dayMs) {
    throw new DataError(
      'Kafka Connect Time type should not have any date fields set to non-zero values.',
    );
  }
  return millis;
}

export function bigIntToBytes(value: bigint): Uint8Array {
  // One bit more than the magnitude for the sign, rounded up to bytes.
  const magnitude = value < 0n ? -value - 1n : value;
  const size = ((magnitude === 0n ? 0 : magnitude.toString(2).length) >> 3) + 1;
  const hex = BigInt.asUintN(size * 8, value).toString(16);
  return Buffer.from(hex.padStart(size * 2, '0'), 'hex');
}

export function bigIntFromBytes(bytes: Uint8Array): bigint {
  if (bytes.length === 0) throw new NumberFormatError('Zero length BigInteger');
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}

function checkName(schema: Schema, name: string, what: string): void {
  if (schema.name !== name) {
    throw new DataError(`Requested conversion of ${what} object but the schema does not match.`);
  }
}
