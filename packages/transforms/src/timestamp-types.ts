import {
  ConfigError,
  ConnectError,
  compileDatePattern,
  DATE_NAME,
  DATE_SCHEMA,
  DataError,
  IllegalArgumentError,
  INT64_SCHEMA,
  instantOf,
  type JavaDateFormat,
  javaClassName,
  numberTypeOf,
  OPTIONAL_DATE_SCHEMA,
  OPTIONAL_INT64_SCHEMA,
  OPTIONAL_STRING_SCHEMA,
  OPTIONAL_TIME_SCHEMA,
  OPTIONAL_TIMESTAMP_SCHEMA,
  type Schema,
  STRING_SCHEMA,
  TIME_NAME,
  TIME_SCHEMA,
  TIMESTAMP_NAME,
  TIMESTAMP_SCHEMA,
} from '@tributary/sdk';

/** The forms that a timestamp has for `TimestampConverter`. */

export const timestampTypes = ['string', 'unix', 'Date', 'Time', 'Timestamp'] as const;
export type TimestampType = (typeof timestampTypes)[number];
export const unixPrecisions = ['nanoseconds', 'microseconds', 'milliseconds', 'seconds'] as const;

/** Since 1970. A bigint beyond 2^53, which only numbers reach: no JavaScript date does. */
type Millis = number | bigint;

interface TimestampFormats {
  read(type: TimestampType, value: unknown): Millis;
  /** A number without a schema is plain where it is safe. */
  write(millis: Millis, hasSchema: boolean): unknown;
}

const dayMs = 86_400_000;

/** `typeName` and `precision` are checked already. ConfigError for a missing or bad pattern. */
export function readTimestampFormats(
  typeName: string,
  pattern: string,
  precision: string,
): TimestampFormats {
  const target = typeName as TimestampType;
  const format = pattern.trim() === '' ? null : compilePattern(pattern);
  if (target === 'string' && format === null) {
    throw new ConfigError(
      'TimestampConverter requires format option to be specified when using string timestamps',
    );
  }
  return {
    read(type, value) {
      if (type === 'string') return parseText(value, format);
      if (type === 'unix') return unixToMillis(longOf(value), precision);
      if (value instanceof Date) return value.getTime();
      throw new DataError(
        `Expected ${type} to be a java.util.Date, but found class ${javaClassName(value)}`,
      );
    },
    write(millis, hasSchema) {
      if (target === 'unix') return integer(millisToUnix(BigInt(millis), precision), hasSchema);
      if (target === 'Time') return new Date(timeOfDay(millis));
      const safe = safeMillis(millis);
      switch (target) {
        case 'string':
          return (format as JavaDateFormat).format(safe);
        case 'Date':
          return instantOf(safe - timeOfDay(safe));
        case 'Timestamp':
          return instantOf(safe);
      }
    },
  };
}

export function targetSchema(typeName: string, isOptional: boolean): Schema {
  switch (typeName as TimestampType) {
    case 'string':
      return isOptional ? OPTIONAL_STRING_SCHEMA : STRING_SCHEMA;
    case 'unix':
      return isOptional ? OPTIONAL_INT64_SCHEMA : INT64_SCHEMA;
    case 'Date':
      return isOptional ? OPTIONAL_DATE_SCHEMA : DATE_SCHEMA;
    case 'Time':
      return isOptional ? OPTIONAL_TIME_SCHEMA : TIME_SCHEMA;
    case 'Timestamp':
      return isOptional ? OPTIONAL_TIMESTAMP_SCHEMA : TIMESTAMP_SCHEMA;
  }
}

export function timestampTypeOfSchema(schema: Schema): TimestampType {
  if (schema.name === TIMESTAMP_NAME) return 'Timestamp';
  if (schema.name === DATE_NAME) return 'Date';
  if (schema.name === TIME_NAME) return 'Time';
  if (schema.type === 'STRING') return 'string';
  if (schema.type === 'INT64') return 'unix';
  throw new ConnectError(`Schema ${schema} does not correspond to a known timestamp type format`);
}

export function timestampTypeOfValue(value: unknown): TimestampType {
  if (value instanceof Date) return 'Timestamp';
  if (typeof value === 'string') return 'string';
  if (isLong(value)) return 'unix';
  throw new DataError(
    `TimestampConverter does not support class ${javaClassName(value)} objects as timestamps`,
  );
}

function compilePattern(pattern: string): JavaDateFormat {
  try {
    return compileDatePattern(pattern);
  } catch (error) {
    if (!IllegalArgumentError.is(error)) throw error;
    throw new ConfigError(
      `Invalid value java.lang.IllegalArgumentException: ${error.message} for configuration ` +
        `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${pattern}`,
      { cause: error },
    );
  }
}

function parseText(value: unknown, format: JavaDateFormat | null): number {
  if (typeof value !== 'string') {
    throw new DataError(
      `Expected string timestamp to be a String, but found class ${javaClassName(value)}`,
    );
  }
  if (format === null) {
    throw new TypeError('The format is null: set "format" to read timestamps from text');
  }
  const millis = format.parse(value);
  if (millis !== null) return millis;
  throw new DataError(
    `Could not parse timestamp: value (${value}) does not match pattern (${format.pattern})`,
  );
}

function isLong(value: unknown): value is number | bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value;
  return typeof value === 'number' && numberTypeOf(value) === 'INT64';
}

function longOf(value: unknown): bigint {
  if (isLong(value)) return BigInt(value);
  throw new DataError(
    `Expected Unix timestamp to be a Long, but found class ${javaClassName(value)}`,
  );
}

function unixToMillis(unix: bigint, precision: string): Millis {
  const millis = scaledToMillis(unix, precision);
  const number = Number(millis);
  return Number.isSafeInteger(number) ? number : millis;
}

function scaledToMillis(unix: bigint, precision: string): bigint {
  switch (precision) {
    case 'seconds':
      return saturated(unix * 1000n);
    case 'microseconds':
      return unix / 1000n;
    case 'nanoseconds':
      return unix / 1_000_000n;
    default:
      return unix;
  }
}

function timeOfDay(millis: Millis): number {
  const rest = typeof millis === 'number' ? millis % dayMs : Number(millis % BigInt(dayMs));
  return rest < 0 ? rest + dayMs : rest;
}

function safeMillis(millis: Millis): number {
  return typeof millis === 'number' ? millis : instantOf(Number(millis)).getTime();
}

function millisToUnix(millis: bigint, precision: string): bigint {
  switch (precision) {
    case 'seconds':
      return millis / 1000n;
    case 'microseconds':
      return saturated(millis * 1000n);
    case 'nanoseconds':
      return saturated(millis * 1_000_000n);
    default:
      return millis;
  }
}

/** Held within 64 bits. */
function saturated(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  return value < 0n ? -(2n ** 63n) : 2n ** 63n - 1n;
}

function integer(value: bigint, hasSchema: boolean): number | bigint {
  const number = Number(value);
  return !hasSchema && Number.isSafeInteger(number) ? number : value;
}
