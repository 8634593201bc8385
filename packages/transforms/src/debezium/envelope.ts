import { type ConnectRecord, type Schema, type Struct } from '@tributary/sdk';
import { requireStruct } from '../requirements.ts';

/** Change events of Debezium: `before`, `after`, `source`, `op`. */

export const deleteOperation = 'd';
export const truncateOperation = 't';
export const updateOperation = 'u';

/** The change event in a record; null for heartbeats, schema changes and everything else. */
export function envelopeOf(record: ConnectRecord, purpose: string): Struct | null {
  const isEnvelope = record.valueSchema?.name?.endsWith('.Envelope') ?? false;
  return isEnvelope ? requireStruct(record.value, record.valueSchema, purpose) : null;
}

/** Debezium's modes of `schema.name.adjustment.mode`: what Avro refuses in names becomes an underscore. */
export function adjustSchemaName(name: string, mode: string): string {
  if (mode === 'none') return name;
  const replace = (char: string): string =>
    mode === 'avro_unicode'
      ? `_u${(char.codePointAt(0) as number).toString(16).padStart(4, '0')}`
      : '_';
  return name
    .split('.')
    .map((part) => part.replace(/^[^A-Za-z_]|(?!^)[^A-Za-z0-9_]/gu, replace))
    .join('.');
}

export function fieldSchema(schema: Schema, name: string): Schema | null {
  return schema.field(name)?.schema ?? null;
}
