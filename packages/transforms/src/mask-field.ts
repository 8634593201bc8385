import {
  anyNonDuplicateValues,
  convertValue,
  DataError,
  Decimal,
  defineConfig,
  type Field,
  isDecimal,
  javaClassName,
  javaHashOrder,
  list,
  type NumberType,
  nonEmptyString,
  numberTypeOf,
  Schema,
  type SchemaType,
  Struct,
  string,
  TypedNumber,
  validateValue,
} from '@tributary/sdk';
import { apache } from './class-names.ts';
import { defineForKeyAndValue, type KeyAndValue } from './define.ts';
import { isPlainObject, requireMap, requireStruct } from './requirements.ts';
import { checkedCopy, fieldReader, replaceNullWithDefault } from './struct-copy.ts';

const purpose = 'mask fields';

const config = defineConfig(
  list('fields', {
    importance: 'HIGH',
    validator: anyNonDuplicateValues(false, false),
    doc: 'Fields to mask.',
  }),
  string('replacement', {
    default: null,
    importance: 'LOW',
    validator: nonEmptyString(),
    doc: 'What numbers and texts become; without it they become 0 or empty.',
  }),
  replaceNullWithDefault,
);

/** Overwrites fields with the zero of their type, or with a replacement. */
export const maskField: KeyAndValue = defineForKeyAndValue(
  `${apache}.MaskField`,
  config,
  (options, half) => {
    const masked = new Set(javaHashOrder(options.fields));
    const read = fieldReader(options['replace.null.with.default']);
    const mask = maskFor(options.replacement);
    return (record, own) => {
      const schema = half.schemaOf(record);
      const value = half.valueOf(record);
      if (schema === null) {
        const updated = own.of(requireMap(value, purpose));
        for (const name of masked) updated.set(name, mask(updated.get(name) ?? null, null));
        return half.replace(record, null, updated);
      }
      const struct = requireStruct(value, schema, purpose);
      return half.replace(record, schema, maskStruct(struct));
    };

    function maskStruct(struct: Struct): Struct {
      const values = struct.schema.fields.map((field) => maskIn(struct, field));
      return new Struct(struct.schema, values);
    }

    function maskIn(struct: Struct, field: Field): unknown {
      const value = read(struct, field);
      if (!masked.has(field.name)) return checkedCopy(value, field);
      const result = mask(value, field.schema);
      validateValue(field.name, field.schema, result);
      return result;
    }
  },
);

/** `schema` is null for a value without one. */
type Mask = (value: unknown, schema: Schema | null) => unknown;

function maskFor(replacement: string | null): Mask {
  const mask = replacement === null ? zeroOf : replaceWith(replacement);
  return (value, schema) => (value === null ? null : mask(value, schema));
}

function zeroOf(value: unknown, schema: Schema | null): unknown {
  if (typeof value === 'string') return '';
  if (typeof value === 'boolean') return false;
  const type = numberTypeIn(value, schema);
  if (type !== null) return numberOfType(type, 0, schema);
  if (isBigInteger(value)) return 0;
  if (isDecimal(value)) return new Decimal(0n, 0);
  if (value instanceof Date) return new Date(0);
  if (Array.isArray(value)) return [];
  if (value instanceof Map || isPlainObject(value)) return new Map();
  throw new DataError(`Cannot mask value of type: class ${javaClassName(value)}`);
}

function replaceWith(replacement: string): Mask {
  return (value, schema) => {
    if (typeof value === 'string') return replacement;
    const type = numberTypeIn(value, schema);
    if (type !== null) {
      const converted = convertValue(numberSchemas[type], null, replacement) as number | bigint;
      return numberOfType(type, converted, schema);
    }
    if (isBigInteger(value)) return bigIntegerOf(replacement);
    if (isDecimal(value)) return Decimal.parse(replacement) ?? notANumber(replacement);
    throw new DataError(
      `Cannot mask value of type class ${javaClassName(value)} with custom replacement.`,
    );
  };
}

const numberSchemas = Object.fromEntries(
  ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64'].map((type) => [
    type,
    new Schema({ type: type as SchemaType }),
  ]),
) as Record<NumberType, Schema>;

/** Null for anything but the numbers that Connect has. */
function numberTypeIn(value: unknown, schema: Schema | null): NumberType | null {
  if (value instanceof TypedNumber) return value.type;
  if (typeof value !== 'number' && typeof value !== 'bigint') return null;
  if (schema !== null && schema.type in numberSchemas) return schema.type as NumberType;
  return isBigInteger(value) ? null : numberTypeOf(value);
}

function numberOfType(type: NumberType, value: number | bigint, schema: Schema | null): unknown {
  if (schema === null) return TypedNumber.of(type, value);
  return type === 'INT64' ? BigInt(value) : Number(value);
}

/** Beyond 64 bits a bigint is what Java calls a BigInteger. */
function isBigInteger(value: unknown): boolean {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) !== value;
}

function bigIntegerOf(text: string): bigint {
  return /^[+-]?\p{Nd}+$/u.test(text) ? (Decimal.parse(text)?.unscaled ?? 0n) : notANumber(text);
}

function notANumber(text: string): never {
  throw new DataError(`Unable to convert ${text} (class java.lang.String) to number`);
}
