import {
  type ConnectRecord,
  DataError,
  type Field,
  type Headers,
  javaClassName,
  type Schema,
  type Struct,
} from '@tributary/sdk';
import { HostDate, HostLong, HostStruct } from './javascript-values.ts';
import type { Variable } from './script-syntax.ts';

/** Makes a script's value of a record's, which has that schema. */
export type FromRecord = (value: unknown, schema: Schema | null) => unknown;

/** The variable `header`: the last header of each name. */
export class HeaderMap {
  readonly headers: Headers | null;

  constructor(headers: Headers | null) {
    this.headers = headers;
  }

  get(name: string, fromRecord: FromRecord): ScriptHeader | null {
    const header = this.headers?.lastWithName(name) ?? null;
    return header && new ScriptHeader(fromRecord(header.value, header.schema), header.schema);
  }

  get size(): number {
    return new Set([...(this.headers ?? [])].map(({ key }) => key)).size;
  }
}

export class ScriptHeader {
  readonly value: unknown;
  readonly schema: Schema | null;

  constructor(value: unknown, schema: Schema | null) {
    this.value = value;
    this.schema = schema;
  }
}

export class ScriptField {
  readonly field: Field;

  constructor(field: Field) {
    this.field = field;
  }
}

export function readVariable(
  record: ConnectRecord,
  name: Variable,
  fromRecord: FromRecord,
): unknown {
  switch (name) {
    case 'key':
      return fromRecord(record.key, record.keySchema);
    case 'value':
      return fromRecord(record.value, record.valueSchema);
    case 'keySchema':
      return record.keySchema;
    case 'valueSchema':
      return record.valueSchema;
    case 'topic':
      return record.topic;
    case 'header':
      return new HeaderMap(record.headersOrNull);
  }
}

/** Null when the struct has no such field. */
export function readField(
  struct: Struct,
  name: string,
  fromRecord: FromRecord,
  withDefault = true,
): { readonly value: unknown } | null {
  const field = struct.schema.field(name);
  if (field === null) return null;
  const value = withDefault ? struct.get(field) : struct.at(field.index);
  return { value: fromRecord(value, field.schema) };
}

/** Lists and maps with all that is in them. */
export function readContainer(
  value: object,
  schema: Schema | null,
  fromRecord: FromRecord,
): unknown[] | Map<unknown, unknown> {
  if (Array.isArray(value)) {
    const element = schema?.type === 'ARRAY' ? schema.valueSchema : null;
    return value.map((item) => fromRecord(item, element));
  }
  const [keySchema, valueSchema] =
    schema?.type === 'MAP' ? [schema.keySchema, schema.valueSchema] : [null, null];
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return new Map(
    entries.map(([key, item]) => [fromRecord(key, keySchema), fromRecord(item, valueSchema)]),
  );
}

const maxText = 1_000_000;

/** Texts grow with every + and replacement; records do not. */
export function limitText(text: string): string {
  return text.length > maxText ? fail(`a text grew beyond ${maxText} characters`) : text;
}

/** Before a replacement that may stand at every character of the text. */
export function limitGrowth(text: string, replacement: string): string {
  const isTooLong = text.length * replacement.length > 10 * maxText;
  return isTooLong ? fail('a text would grow too long by a replacement') : replacement;
}

/** Says what kind of value it is, never which. */
export function kindOf(value: unknown): string {
  if (value instanceof HostStruct || value instanceof HostDate || value instanceof HostLong) {
    return value.javaClass;
  }
  if (value instanceof HeaderMap) return 'java.util.HashMap';
  if (value instanceof ScriptHeader) return 'io.debezium.transforms.scripting.RecordHeader';
  if (value instanceof ScriptField) return 'org.apache.kafka.connect.data.Field';
  if (typeof value === 'number')
    return (value | 0) === value ? 'java.lang.Integer' : 'java.lang.Double';
  return javaClassName(value);
}

export function fail(reason: string): never {
  throw new DataError(reason);
}
